/**
 * Reads every entry that a server appends to a feed, by MONITOR: a short feed may be trimmed before the periodic observer has read it.
 *
 * It uses a raw socket: ioredis fails on a line of MONITOR that arrives together with the reply to MONITOR.
 */
import { connect, type Socket } from "node:net";
import type { Version } from "../../check/history.ts";
import { loopback } from "../../lab/process/port.ts";
import { waitFor } from "../../lab/process/wait.ts";
import type { OwnWork } from "../machine/own-work.ts";

/** Names and values alternately, as XRANGE returns them. */
export type FlatFields = readonly string[];

/** ms until the next attempt to connect: a restarted server is back soon. */
const reconnectAfter = 2;
const listeningWithin = { timeout: 5_000, interval: 2 };
/** A server sends the lines of earlier commands before it answers the next one; the rest is our own delay. */
const caughtUpWithin = { timeout: 1_000, interval: 1 };

export class FeedTap implements Disposable {
  readonly #port: number;
  readonly #work: OwnWork;
  /** Feed -> the epoch that its last wake-up named: the wake-up precedes the entry (docs/protocol.md, section 3). */
  readonly #epochs = new Map<string, string>();
  /** Feed and epoch -> sequence -> its entry. */
  readonly #feeds = new Map<string, Map<number, FlatFields>>();
  #socket: Socket | null = null;
  #reconnect: NodeJS.Timeout | null = null;
  #rest = "";
  #isListening = false;
  #isEnded = false;
  #gaps = 0;
  #marker = "";

  private constructor(port: number, work: OwnWork) {
    this.#port = port;
    this.#work = work;
  }

  /** @throws Error when the server does not accept MONITOR within 5 s */
  static async open(port: number, work: OwnWork): Promise<FeedTap> {
    const tap = new FeedTap(port, work);
    tap.#connect();
    if (await waitFor(async () => tap.#isListening || undefined, listeningWithin)) return tap;
    tap[Symbol.dispose]();
    throw new Error(`the redis-server on port ${port} did not accept MONITOR within 5 s`);
  }

  /** How often the connection was lost. An entry that is missing between two moments with the same count never existed. */
  get gaps(): number {
    return this.#gaps;
  }

  /** @returns the entry, where it was received and not yet forgotten */
  entry(feed: string, { epoch, sequence }: Version): FlatFields | undefined {
    return this.#feeds.get(placeOf(feed, epoch))?.get(sequence);
  }

  /** Drops entries up to this one: they are not needed any more. */
  forget(feed: string, { epoch, sequence: reached }: Version): void {
    const entries = this.#feeds.get(placeOf(feed, epoch));
    for (const sequence of entries?.keys() ?? []) if (sequence <= reached) entries?.delete(sequence);
  }

  /** Waits until it has received everything that the server did before `echo`, which has the server run ECHO with the given text. */
  async catchUp(echo: (marker: string) => Promise<unknown>): Promise<boolean> {
    const marker = `lockproof heard until ${performance.now()}`;
    await echo(marker);
    const isReceived = await waitFor(
      async () => this.#marker === marker || !this.#isListening || undefined,
      caughtUpWithin,
    );
    return isReceived === true && this.#marker === marker;
  }

  [Symbol.dispose](): void {
    this.#isEnded = true;
    if (this.#reconnect !== null) clearTimeout(this.#reconnect);
    this.#socket?.destroy();
  }

  #connect(): void {
    const socket = connect({ host: loopback, port: this.#port });
    this.#socket = socket;
    this.#rest = "";
    socket.setEncoding("latin1"); // MONITOR escapes whatever is not printable
    socket.on("connect", () => socket.write("MONITOR\r\n"));
    socket.on("data", (text) => this.#work.measure(() => this.#take(String(text))));
    socket.on("error", () => {}); // a close follows
    socket.on("close", () => this.#lost());
  }

  #lost(): void {
    if (this.#isListening) this.#gaps += 1;
    this.#isListening = false;
    if (!this.#isEnded) this.#reconnect = setTimeout(() => this.#connect(), reconnectAfter);
  }

  #take(text: string): void {
    const lines = (this.#rest + text).split("\r\n");
    this.#rest = lines.pop() ?? "";
    for (const line of lines) {
      if (line === "+OK") this.#isListening = true;
      // An error means LOADING: reconnect soon.
      else if (line.startsWith("-")) this.#socket?.destroy();
      else this.#read(line);
    }
  }

  #read(line: string): void {
    const [name, ...args] = commandOf(line);
    if (name === "ECHO") this.#marker = args[0] ?? "";
    if (name === "PUBLISH") this.#epochs.set(args[0] ?? "", args[1]?.split(":")[0] ?? "");
    if (name === "XADD") this.#append(args);
  }

  /** As lua/include/log.lua appends: key, MAXLEN, =, limit, id, then the fields. */
  #append([feed = "", , , , id = "", ...fields]: readonly string[]): void {
    const sequence = /^(\d+)-0$/.exec(id)?.[1];
    if (sequence === undefined) return;
    const place = placeOf(feed, this.#epochs.get(feed) ?? "");
    const entries = this.#feeds.get(place) ?? new Map<number, FlatFields>();
    this.#feeds.set(place, entries);
    entries.set(Number(sequence), fields);
  }
}

function placeOf(feed: string, epoch: string): string {
  return `${epoch} ${feed}`;
}

const escapes: Readonly<Record<string, string>> = { n: "\n", r: "\r", t: "\t", a: "\x07", b: "\b" };

/** @param line `+<time> [<database> <who>] "<command>" "<argument>" …`, with unprintable bytes escaped */
export function commandOf(line: string): readonly string[] {
  const start = line.indexOf('] "');
  if (start < 0) return [];
  return line
    .slice(start + 3, -1)
    .split('" "')
    .map(unescaped);
}

/** Undoes MONITOR's escaping of unprintable bytes in an argument. */
export function unescaped(text: string): string {
  if (!text.includes("\\")) return text;
  const bytes = text.replace(/\\(?:x([0-9a-f]{2})|(.))/gsu, (_all, hex: string | undefined, letter = "") =>
    hex === undefined ? (escapes[letter] ?? letter) : String.fromCharCode(Number.parseInt(hex, 16)),
  );
  return Buffer.from(bytes, "latin1").toString("utf8");
}
