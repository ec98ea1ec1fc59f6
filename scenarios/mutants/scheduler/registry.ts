/** All wrong schedulers that are kept. */
import noReadDeadline from "./no-read-deadline.ts";
import noResyncAfterReconnect from "./no-resync-after-reconnect.ts";
import type { Planted } from "./planted.ts";
import unconditionalCache from "./unconditional-cache.ts";

export const plantedSchedulers: readonly Planted[] = [noReadDeadline, unconditionalCache, noResyncAfterReconnect];
