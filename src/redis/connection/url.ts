/** A Redis URL, read: `redis://[user[:password]@]host[:port][/db]`, with `rediss://` for TLS. */
import type { RedisOptions } from "ioredis";
import { AddressError } from "../errors.ts";

/** The options of a connection to one server, without those that change the shape of replies (see `reply.ts`). */
export type ServerOptions = Omit<RedisOptions, "replyMapping">;

const protocols: readonly string[] = ["redis:", "rediss:"];

/** @throws AddressError, which shows of the URL only what no password can be in */
export function serverOfUrl(text: string): ServerOptions {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || !protocols.includes(url.protocol)) {
    throw wrong(
      url === null ? "no URL" : `a URL that begins with ${url.protocol}`,
      "redis://host:port or rediss://host:port",
    );
  }
  if (url.hostname === "") throw wrong("no host", "a host after redis://");
  if (url.search !== "" || url.hash !== "") throw wrong("parameters after ? or #", "a URL without them");
  return {
    host: url.hostname.replace(/^\[(.*)\]$/u, "$1"),
    port: url.port === "" ? 6_379 : Number(url.port),
    db: dbOf(url.pathname),
    ...(url.username === "" ? {} : { username: decoded(url.username) }),
    ...(url.password === "" ? {} : { password: decoded(url.password) }),
    ...(url.protocol === "rediss:" ? { tls: {} } : {}),
  };
}

function dbOf(pathname: string): number {
  const match = /^\/?(\d{0,5})$/u.exec(pathname);
  if (match === null) throw wrong("a path that is not a database number", "nothing, or a number such as /0");
  return Number(match[1]);
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw wrong("a user or password with a lone %", "percent-encoded text");
  }
}

function wrong(found: string, allowed: string): AddressError {
  return new AddressError({ where: "redis", found, allowed, fix: "see docs/embedding.md, Addresses" });
}
