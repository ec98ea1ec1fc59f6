/** Counts the commands that instances send, by the server's MONITOR, independently of the clients' code. */
import type { Redis } from "ioredis";
import { leastPrivilege } from "../../redis/acl.ts";
import { createConnection } from "../../redis/connection/connection.ts";
import { contracts } from "../../redis/scripts/contract.ts";
import { loadScripts } from "../../redis/scripts/scripts.ts";
import { unescaped } from "./feed-tap.ts";
import type { Recorder } from "./recorder.ts";

/** The commands that a user with least privilege may call. */
const declared: ReadonlySet<string> = new Set(
  leastPrivilege("").flatMap((rule) => (rule.startsWith("+") ? [rule.slice(1)] : [])),
);
/** Commands that are named together with their subcommand. */
const containers: ReadonlySet<string> = new Set([
  "acl",
  "client",
  "cluster",
  "command",
  "config",
  "function",
  "script",
]);
const silence = 5_000;
/** The place of `limit` among the arguments of a snapshot. */
const limitAt = contracts.snapshot.args.indexOf("limit");

export class ServerWatch implements AsyncDisposable {
  readonly #client: Redis;
  readonly #recorder: Recorder;
  readonly #snapshot = loadScripts().scripts.snapshot.sha;
  /** Address of a connection -> its instance; null: it belongs to none. */
  readonly #instances = new Map<string, number | null>();
  /** instance -> command -> how often. */
  readonly #counts = new Map<number, Map<string, number>>();
  /** The instance that called the running script: scripts run one after another, so each line of one follows its call. */
  #caller: number | null = null;
  #monitor: Redis | null = null;

  private constructor(client: Redis, recorder: Recorder) {
    this.#client = client;
    this.#recorder = recorder;
  }

  /** Has to be open before the instances connect, since a connection names its instance when it begins. */
  static async open(url: string, recorder: Recorder): Promise<ServerWatch> {
    const client = createConnection({ url, silence, reconnectAfter: () => 10, name: "watch" }, "commands");
    await client.connect();
    const watch = new ServerWatch(client, recorder);
    const monitor = await client.monitor();
    recorder.work.measureListenersOf(monitor.stream);
    monitor.on("error", () => {}); // nothing follows on a closed connection
    monitor.on("monitor", (time: string, args: string[], source: string) => watch.#see(time, args, source));
    watch.#monitor = monitor;
    return watch;
  }

  /** Records the counts, once the server has reported all earlier commands. */
  async report(): Promise<void> {
    await this.#catchUp();
    for (const [instance, counts] of this.#counts) {
      for (const [command, count] of counts) {
        this.#recorder.event({ kind: "commands", instance, command, count, declared: declared.has(command) });
      }
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#monitor?.disconnect();
    this.#client.disconnect();
  }

  async #catchUp(): Promise<void> {
    const marker = `lockproof watched until ${performance.now()}`;
    const seen = Promise.withResolvers<void>();
    const look = (_time: string, args: readonly string[]): void => {
      if (args[1] === marker) seen.resolve();
    };
    this.#monitor?.on("monitor", look);
    await this.#client.call("ECHO", marker);
    await seen.promise;
    this.#monitor?.off("monitor", look);
  }

  #see(time: string, args: readonly string[], source: string): void {
    const [first = "", second = ""] = args;
    const name = first.toLowerCase();
    const command = containers.has(name) ? `${name}|${second.toLowerCase()}` : name;
    if (command === "client|setname") this.#instances.set(source, instanceOf(args[2] ?? ""));
    const instance = source === "lua" ? this.#caller : (this.#instances.get(source) ?? null);
    this.#caller = instance;
    if (instance === null) return;
    const counts = this.#counts.get(instance) ?? new Map<string, number>();
    this.#counts.set(instance, counts);
    counts.set(command, (counts.get(command) ?? 0) + 1);
    for (const node of this.#askedFor(command, args)) {
      this.#recorder.event({ kind: "served", at: this.#recorder.atWallClock(Number(time) * 1_000), instance, node });
    }
  }

  /** The nodes that a snapshot without a page names: one look-up each. */
  #askedFor(command: string, args: readonly string[]): readonly string[] {
    if (command !== "evalsha" || args[1] !== this.#snapshot) return [];
    const keys = args.slice(3, 3 + Number(args[2])).map(unescaped);
    const limit = args[3 + Number(args[2]) + limitAt];
    return limit === "0" ? keys.slice(3).flatMap((key) => /^[^{]*\{p\d+\}:node:(.*)$/su.exec(key)?.[1] ?? []) : [];
  }
}

/** Connections are named `lockproof-i<instance>-<role>`. */
function instanceOf(name: string): number | null {
  const found = /^lockproof-i(\d+)-/u.exec(name)?.[1];
  return found === undefined ? null : Number(found);
}
