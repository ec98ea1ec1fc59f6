import { withoutUndefined } from "../evidence/without-undefined.ts";
/** The server programs that the command line names. A type, not an interface, so that commander's option bags fit it. */
export type ServerFlags = { readonly redisServer?: string; readonly toxiproxyServer?: string };

/** Only the flags that were given. */
export function serversOf({ redisServer, toxiproxyServer }: ServerFlags): ServerFlags {
  return withoutUndefined({ redisServer, toxiproxyServer });
}
