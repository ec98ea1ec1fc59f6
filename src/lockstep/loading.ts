/**
 * A real server that reads its data for as long as a simulated one does: whatever it is sent is refused with LOADING. It is given them by another
 * server, as a replica is, each key slowly and with so much besides that it does not come to an end by itself. No process ends for it: who could
 * start another stands still while a simulated step is under way.
 */
import { BrokenRunError } from "../evidence/failure.ts";
import type { Crossing } from "./crossing.ts";
import { isErrorReply } from "./errand.ts";

/** Only after so many bytes does a server that loads look at its connections: less than one key of the padding. */
const lookEvery = 1_024;
const paddingBytes = 1_200;
/** Microseconds for each key; a command waits for about one. */
const keyDelay = 5_000;
/** Half a minute of reading: many times the refusals of any run. */
const paddingKeys = 6_000;

/** Of every server that is to load, or to give another what it loads. */
export const loadingArgs: readonly string[] = [
  ...["--repl-diskless-sync-delay", "0", "--rdbcompression", "no"],
  ...["--loading-process-events-interval-bytes", String(lookEvery)],
];

/** Into a database of its own, so that it is not among the keys. */
const writePadding = `
redis.call('SELECT', 1)
for number = 1, tonumber(ARGV[1]) do redis.call('SET', 'padding:' .. number, string.rep('x', tonumber(ARGV[2]))) end
return redis.status_reply('OK')`;
const dropPadding = "redis.call('SELECT', 1) redis.call('FLUSHDB') return redis.status_reply('OK')";

/** @param source holds what is to be read, and must hold it until the end */
export function beginLoading(crossing: Crossing, url: string, source: string): void {
  const { hostname, port } = new URL(source);
  crossing.tell(source, ["EVAL", writePadding, "0", String(paddingKeys), String(paddingBytes)]);
  crossing.tell(url, ["CONFIG", "SET", "key-load-delay", String(keyDelay)], ["REPLICAOF", hostname, port]);
  crossing.ask({ kind: "until", url, command: ["PING"], reply: "LOADING" });
}

/** Reads the rest at once. It is a primary then, of another replication id. */
export function endLoading(crossing: Crossing, url: string): void {
  crossing.tell(url, ["CONFIG", "SET", "key-load-delay", "0"]);
  crossing.ask({ kind: "until", url, command: ["PING"], reply: "PONG" });
  crossing.tell(url, ["REPLICAOF", "NO", "ONE"], ["EVAL", dropPadding, "0"]);
}

/** @throws BrokenRunError when it has come to an end by itself: then its answer says nothing */
export function askWhileLoading(crossing: Crossing, url: string, command: readonly string[]): unknown {
  const [said, info] = crossing.commands(url, command, ["INFO", "persistence"]);
  const isLoading = typeof info === "string" && /^loading:1\r?$/mu.test(info);
  if (isLoading || (isErrorReply(said) && said.error.startsWith("LOADING"))) return said;
  throw new BrokenRunError(`a real server had read all its data, padded for ${(paddingKeys * keyDelay) / 1e6} s`, {
    where: "src/lockstep/loading.ts",
    fix: "run it again on a machine with less to do",
  });
}
