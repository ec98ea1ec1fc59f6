/**
 * Keeps a real server loading for as long as a simulated one loads: it refuses every command with LOADING. It loads from another server, as a replica
 * does, with a delay for each key and enough padding that it does not finish by itself. A restart would be simpler, but the thread that could start a
 * process is blocked during a simulated step.
 */
import { BrokenRunError } from "../evidence/failure.ts";
import { isErrorReply } from "./request.ts";
import type { SyncClient } from "./sync-client.ts";

/** A loading server serves its connections after so many bytes: fewer than one key of the padding has. */
const lookEvery = 1_024;
const paddingBytes = 1_200;
/** Microseconds for each key; a command waits for about one key. */
const keyDelay = 5_000;
/** Half a minute of loading: many times what the refusals of any run need. */
const paddingKeys = 6_000;

/** Start arguments of every server that loads, or that another loads from. */
export const loadingArgs: readonly string[] = [
  ...["--repl-diskless-sync-delay", "0", "--rdbcompression", "no"],
  ...["--loading-process-events-interval-bytes", String(lookEvery)],
];

/** The padding is in a database of its own, apart from the keys. */
const writePadding = `
redis.call('SELECT', 1)
for number = 1, tonumber(ARGV[1]) do redis.call('SET', 'padding:' .. number, string.rep('x', tonumber(ARGV[2]))) end
return redis.status_reply('OK')`;
const dropPadding = "redis.call('SELECT', 1) redis.call('FLUSHDB') return redis.status_reply('OK')";

/** @param source the server to load from; it must keep the data until `endLoading` */
export function beginLoading(client: SyncClient, url: string, source: string): void {
  const { hostname, port } = new URL(source);
  client.execute(source, ["EVAL", writePadding, "0", String(paddingKeys), String(paddingBytes)]);
  client.execute(url, ["CONFIG", "SET", "key-load-delay", String(keyDelay)], ["REPLICAOF", hostname, port]);
  client.ask({ kind: "until", url, command: ["PING"], reply: "LOADING" });
}

/** Loads the rest without delay. Afterwards the server is a primary with another replication id. */
export function endLoading(client: SyncClient, url: string): void {
  client.execute(url, ["CONFIG", "SET", "key-load-delay", "0"]);
  client.ask({ kind: "until", url, command: ["PING"], reply: "PONG" });
  client.execute(url, ["REPLICAOF", "NO", "ONE"], ["EVAL", dropPadding, "0"]);
}

/** @throws BrokenRunError when the loading has ended by itself: then the reply proves nothing */
export function askWhileLoading(client: SyncClient, url: string, command: readonly string[]): unknown {
  const [said, info] = client.commands(url, command, ["INFO", "persistence"]);
  const isLoading = typeof info === "string" && /^loading:1\r?$/mu.test(info);
  if (isLoading || (isErrorReply(said) && said.error.startsWith("LOADING"))) return said;
  throw new BrokenRunError(`a real server had read all its data, padded for ${(paddingKeys * keyDelay) / 1e6} s`, {
    where: "the fault redis_loading",
    fix: "run it again on a machine with less to do",
  });
}
