import { withoutUndefined } from "../evidence/without-undefined.ts";
/** The server programs that somebody named. A type, not an interface, so that commander's option bags fit it. */
export type ServerFlags = { readonly redisServer?: string; readonly toxiproxyServer?: string };

/** Only the flags that were given: an absent one must not become `undefined`. */
export function serversOf({ redisServer, toxiproxyServer }: ServerFlags): ServerFlags {
  return withoutUndefined({ redisServer, toxiproxyServer });
}
