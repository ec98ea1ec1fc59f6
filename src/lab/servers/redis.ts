/** A running redis-server that can be killed, paused and restarted on its port. */

import { mkdirSync } from "node:fs";
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { LabError } from "../error.ts";
import { loopback, onPort, PortTakenError } from "../process/port.ts";
import { waitFor } from "../process/wait.ts";
import { askRedis } from "./redis-wire.ts";
import { launchServer, logTail, type ServerPlace, type ServerProcess } from "./server-process.ts";

export interface RedisOptions {
  /** Must be free; absent: a free one is chosen. */
  readonly port?: number;
  /** Appended to the command line, so they win: `["--enable-debug-command", "local"]`. */
  readonly args?: readonly string[];
  /** Lines of a configuration file, which the server may rewrite: what a Sentinel needs. Written once, before its first start. */
  readonly configuration?: readonly string[];
}

/** Calls `work`, and measures it. */
type Measure = <Result>(work: () => Result) => Result;

interface CommandLine {
  readonly files: readonly string[];
  readonly args: readonly string[];
}

/** Loading is not ready; the last two come from servers that wait for a password or for their primary. */
const ready = /^(\+PONG|-NOAUTH|-MASTERDOWN)/;
const loading = /^-LOADING/;
/** Microseconds for each key. */
const loadDelay = 5_000;
const paddingBytes = 1_200;
const writePadding = `
redis.call('SELECT', 1)
for number = 1, tonumber(ARGV[1]) do redis.call('SET', 'padding:' .. number, string.rep('x', tonumber(ARGV[2]))) end
return redis.status_reply('OK')
`;
const readyTimeout = 10_000;
const askTimeout = 5_000;
const dataFiles = ["dump.rdb", "appendonlydir"];

/**
 * Starts a server without persistence and waits until it answers.
 * @throws LabError when the port asked for is in use, or the server ends or stays silent instead of getting ready
 */
export async function startRedis(place: ServerPlace, options: RedisOptions): Promise<RedisServer> {
  mkdirSync(place.dir, { recursive: true });
  return await onPort(options.port, async (port) => {
    const file = join(place.dir, "redis.conf");
    if (options.configuration !== undefined) await writeFile(file, `${options.configuration.join("\n")}\n`);
    const files = options.configuration === undefined ? [] : [file];
    const server = new RedisServer(place, port, { files, args: options.args ?? [] });
    await server.start();
    return server;
  });
}

export class RedisServer implements AsyncDisposable {
  readonly port: number;
  readonly url: string;
  readonly dir: string;
  readonly logFile: string;
  readonly version: string;
  readonly #place: ServerPlace;
  readonly #args: readonly string[];
  #process: ServerProcess | undefined;
  #measure: Measure = (work) => work();
  /** The id of the process that answered instead of the one that was started. */
  #answering: number | undefined;

  constructor(place: ServerPlace, port: number, { files, args }: CommandLine) {
    this.#place = place;
    this.#args = [
      ...files,
      ...["--bind", loopback, "--port", String(port), "--dir", place.dir],
      ...["--save", "", "--appendonly", "no", ...args],
    ];
    this.port = port;
    this.url = `redis://${loopback}:${port}`;
    this.dir = place.dir;
    this.logFile = join(place.dir, "server.log");
    this.version = place.version;
  }

  get isRunning(): boolean {
    return this.#process !== undefined && !this.#process.hasEnded;
  }

  /**
   * How its process ended, or null while it runs.
   * @param timeout milliseconds to wait for an end
   */
  async ending(timeout: number): Promise<string | null> {
    const ended = async (): Promise<string | undefined> => this.#process?.ending ?? undefined;
    return (await waitFor(ended, { timeout, interval: 10 })) ?? null;
  }

  /** Changes with every restart. */
  get pid(): number {
    if (this.#process === undefined) throw new Error(`the redis-server on port ${this.port} has not been started`);
    return this.#process.pid;
  }

  /**
   * Starts it, after `stop` or `kill`, with the data of the last save. Does nothing if it runs.
   * A start, with or without data, gives the server a new replication id.
   */
  async start(): Promise<void> {
    if (this.isRunning) return;
    await this.#launch([], ready);
  }

  /** SIGTERM: it answers what it has received and ends. Nothing is saved. */
  async stop(): Promise<void> {
    await this.#process?.stop();
  }

  /** SIGKILL: what it has received and not answered may or may not have happened. */
  async kill(): Promise<void> {
    await this.#process?.kill();
  }

  /** SIGSTOP: connections stay, nothing is answered; what arrives meanwhile runs after `resume`. */
  async pause(): Promise<void> {
    await this.#process?.pause();
  }

  resume(): void {
    this.#process?.resume();
  }

  /**
   * Restarts it on the same port. With `keepData` everything it holds is saved first, if it runs; without, it comes back empty.
   * @throws LabError as `start` does
   */
  async restart({ keepData }: { readonly keepData: boolean }): Promise<void> {
    if (keepData && this.isRunning) await this.#save();
    await this.kill();
    if (!keepData) await this.#forgetData();
    await this.start();
  }

  /**
   * Writes so much into another database that loading it takes longer than `duration` ms.
   * A loading server serves its connections only after every so many bytes, so the file has to be long too.
   */
  async padForLoading(duration: number): Promise<void> {
    await this.execute("CONFIG", "SET", "rdbcompression", "no");
    const keys = Math.ceil((2 * duration * 1_000) / loadDelay);
    await this.execute("EVAL", writePadding, "0", String(keys), String(paddingBytes));
  }

  /**
   * Restarts it with its data, which it loads slowly: until `endLoading`, or until it has loaded the padding, it answers everything with LOADING.
   * @throws LabError as `start` does
   */
  async restartLoading(): Promise<void> {
    await this.#save();
    await this.kill();
    const slowly = ["--key-load-delay", String(loadDelay), "--loading-process-events-interval-bytes", "1024"];
    await this.#launch(slowly, loading);
  }

  /** Loads the rest at once. @throws LabError when it does not answer within 10 s */
  async endLoading(): Promise<void> {
    await this.ask("CONFIG", "SET", "key-load-delay", "0");
    const { dir } = this.#place;
    const look = async (): Promise<true | undefined> => (ready.test(await this.#probe("PING")) ? true : undefined);
    if ((await waitFor(look, { timeout: readyTimeout, interval: 2 })) === true) return;
    throw new LabError({
      found: `a server that was still loading after ${readyTimeout} ms`,
      allowed: "a server that answers PING",
      where: `redis-server on ${loopback}:${this.port}`,
      fix: `Look at its log in ${dir}.`,
    });
  }

  /**
   * Sends one command over a connection of its own: for setting things up, not for load.
   * @returns the first line of the reply with its type character, or `$` and the text of a bulk string
   * @throws Error when there is no answer within 5 s
   */
  async ask(...command: readonly string[]): Promise<string> {
    return await askRedis(this.port, command, askTimeout);
  }

  /** As `ask`, for a command that must answer OK. */
  async execute(...command: readonly string[]): Promise<void> {
    const reply = await this.ask(...command);
    if (reply.startsWith("+OK")) return;
    throw new LabError({
      found: `"${reply}" as the answer to ${command.join(" ")}`,
      allowed: "+OK",
      where: `redis-server on ${loopback}:${this.port}`,
      fix: `Look at its log, ${this.logFile}.`,
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
  }

  async #save(): Promise<void> {
    this.resume();
    await this.execute("SAVE");
  }

  async #forgetData(): Promise<void> {
    for (const name of dataFiles) await rm(join(this.dir, name), { recursive: true, force: true });
  }

  /** From now on `measure` wraps the synchronous part of starting its process, which takes milliseconds of this thread. */
  measureStarts(measure: Measure): void {
    this.#measure = measure;
  }

  async #launch(more: readonly string[], until: RegExp): Promise<void> {
    const { program, dir, labFolder } = this.#place;
    const args = [...this.#args, ...more];
    const launch = { file: program, args, dir, logFile: this.logFile, labFolder };
    const started = await this.#measure(() => launchServer(launch));
    this.#process = started;
    const isReady = await waitFor(() => this.#look(started, until), { timeout: readyTimeout, interval: 2 });
    if (isReady === true) return;
    await started.kill();
    throw await this.#notReady(started, isReady === false);
  }

  /** `true`: it answers PING as expected; `false`: it has ended; undefined: not yet. */
  async #look(started: ServerProcess, until: RegExp): Promise<boolean | undefined> {
    if (started.hasEnded) return false;
    const reply = await this.#probe("PING");
    if (!until.test(reply)) return undefined;
    const info = await this.#probe("INFO", "server");
    const answering = /process_id:(\d+)\r\n/.exec(info)?.[1];
    const isOther = answering !== undefined && Number(answering) !== started.pid;
    this.#answering = isOther ? Number(answering) : undefined;
    return isOther ? undefined : true;
  }

  async #probe(...command: string[]): Promise<string> {
    return await askRedis(this.port, command, 1_000).catch(() => "");
  }

  async #notReady({ ending, pid }: ServerProcess, hasEnded: boolean): Promise<LabError> {
    const log = await logTail(this.logFile);
    if (hasEnded && /address already in use/i.test(log)) return new PortTakenError("redis-server", this.port);
    const isOther = this.#answering !== undefined;
    const silent = isOther
      ? `runs as process ${this.#answering}, not as process ${pid} that was started`
      : `did not answer within ${readyTimeout} ms`;
    return new LabError({
      found: `a server that ${hasEnded ? `ended (${ending})` : silent}; its log ends:\n${log}\n`,
      allowed: "a server that answers PING, in the foreground and as the process that was started",
      where: `redis-server on ${loopback}:${this.port}`,
      fix: "Look at its options.",
    });
  }
}
