/**
 * Every entry that a server appends to a feed, by MONITOR: a short feed is trimmed before an observer that looks now and then has read it.
 *
 * A socket of its own, since ioredis takes a line of MONITOR that comes together with the answer to MONITOR for an answer nobody waits for.
 */
import { connect, type Socket } from "node:net";
import type { Version } from "../../check/history.ts";
import { loopback } from "../../lab/process/port.ts";
import { waitFor } from "../../lab/process/wait.ts";
import type { OwnWork } from "../machine/own-work.ts";

/** Names and values in turn, as XRANGE tells them. */
export type FlatFields = readonly string[];

/** A server that is being restarted is back soon. */
const againAfter = 2;
const listeningWithin = { deadline: 5_000, interval: 2 };
/** A server tells what it has done before it answers the next command; the rest is ours. */
const caughtUpWithin = { deadline: 1_000, interval: 1 };

export class FeedTap implements Disposable {
  readonly #port: number;
  readonly #work: OwnWork;
  /** Feed -> the epoch that its last wake-up named: it goes before the entry (docs/protocol.md, section 3). */
  readonly #epochs = new Map<string, string>();
  /** Feed and epoch -> sequence -> its entry. */
  readonly #feeds = new Map<string, Map<number, FlatFields>>();
  #socket: Socket | null = null;
  #again: NodeJS.Timeout | null = null;
  #rest = "";
  #isListening = false;
  #isEnded = false;
  #gaps = 0;
  #marker = "";

  private constructor(port: number, work: OwnWork) {
    this.#port = port;
    this.#work = work;
  }

  /** @throws when the server does not let it listen within 5 s */
  static async open(port: number, work: OwnWork): Promise<FeedTap> {
    const tap = new FeedTap(port, work);
    tap.#connect();
    if (await waitFor(async () => tap.#isListening || undefined, listeningWithin)) return tap;
    tap[Symbol.dispose]();
    throw new Error(`the redis-server on port ${port} did not let the observer listen within 5 s`);
  }

  /** How often it has stopped hearing the server: what is missing between two times at which this is the same was never there. */
  get gaps(): number {
    return this.#gaps;
  }

  /** @returns the entry, where it was heard and not yet forgotten */
  entry(feed: string, { epoch, sequence }: Version): FlatFields | undefined {
    return this.#feeds.get(placeOf(feed, epoch))?.get(sequence);
  }

  /** Nobody will ask for entries up to this one again. */
  forget(feed: string, { epoch, sequence: reached }: Version): void {
    const entries = this.#feeds.get(placeOf(feed, epoch));
    for (const sequence of entries?.keys() ?? []) if (sequence <= reached) entries?.delete(sequence);
  }

  /** Waits until it has heard all that the server had done before `say`, which has the server run a command with the text it is given. */
  async catchUp(say: (marker: string) => Promise<unknown>): Promise<boolean> {
    const marker = `lockproof heard until ${performance.now()}`;
    await say(marker);
    const heard = await waitFor(async () => this.#marker === marker || !this.#isListening || undefined, caughtUpWithin);
    return heard === true && this.#marker === marker;
  }

  [Symbol.dispose](): void {
    this.#isEnded = true;
    if (this.#again !== null) clearTimeout(this.#again);
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
    if (!this.#isEnded) this.#again = setTimeout(() => this.#connect(), againAfter);
  }

  #take(text: string): void {
    const lines = (this.#rest + text).split("\r\n");
    this.#rest = lines.pop() ?? "";
    for (const line of lines) {
      if (line === "+OK") this.#isListening = true;
      // An error is LOADING: again, soon.
      else if (line.startsWith("-")) this.#socket?.destroy();
      else this.#hear(line);
    }
  }

  #hear(line: string): void {
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

const letters: Readonly<Record<string, string>> = { n: "\n", r: "\r", t: "\t", a: "\x07", b: "\b" };

/** @param line `+<time> [<database> <who>] "<command>" "<argument>" …`, with what is not printable escaped */
export function commandOf(line: string): readonly string[] {
  const start = line.indexOf('] "');
  if (start < 0) return [];
  return line
    .slice(start + 3, -1)
    .split('" "')
    .map(unescaped);
}

/** An argument as it was sent, of one in which MONITOR has escaped what is not printable. */
export function unescaped(text: string): string {
  if (!text.includes("\\")) return text;
  const bytes = text.replace(/\\(?:x([0-9a-f]{2})|(.))/gsu, (_all, hex: string | undefined, letter = "") =>
    hex === undefined ? (letters[letter] ?? letter) : String.fromCharCode(Number.parseInt(hex, 16)),
  );
  return Buffer.from(bytes, "latin1").toString("utf8");
}
