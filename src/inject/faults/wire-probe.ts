/**
 * A connection of the harness through the same proxy as the instance's. It sends an ECHO periodically: which replies come, and when, shows whether
 * a fault of the link is in force, whatever Toxiproxy has answered. Of a fault that delays closes, connections are closed instead.
 */
import { connect, type Socket } from "node:net";
import type { InForce, Millis } from "../../check/history.ts";
import { loopback } from "../../lab/process/port.ts";
import { waitFor } from "../../lab/process/wait.ts";
import { encode } from "../../lab/servers/redis-wire.ts";
import { MessageReader } from "../network/resp.ts";
import { sleep } from "./step.ts";

/** How a probe shows the effect: its reply takes longer than `slowerThan`, or never comes (Infinity). */
export interface Effect {
  readonly slowerThan: Millis;
  /** `reply`: to an ECHO; `close`: to a QUIT, of a connection that the server closes. */
  readonly by: "reply" | "close";
  /** Only connections from before the fault meet it, and they do not heal. */
  readonly isOfOldConnections?: true;
  /** The length of request and reply; absent: as short as possible. */
  readonly bytes?: number;
}

interface Sample {
  readonly at: Millis;
  answeredAt: Millis | null;
}

/** Probes during a fault: the tolerance of its times is a tenth of its length. */
const probes = 40;
const [mostOften, mostSeldom]: readonly [Millis, Millis] = [10, 50];
/** The interval of probes once healing has been requested. */
const soon: Millis = 5;
/** Without the fault a reply comes within a few milliseconds. */
const silence: Millis = 30;
const readyWithin = { timeout: 1_000, interval: 2 };
/** After the time in which healing should have been requested. */
const givenUp: Millis = 60_000;

export class WireProbe implements Disposable {
  readonly #port: number;
  readonly #effect: Effect;
  readonly #now: () => Millis;
  readonly #padding: string;
  readonly #samples: Sample[] = [];
  #timer: NodeJS.Timeout | undefined;
  #end: NodeJS.Timeout | undefined;
  #socket: Socket | null = null;
  readonly #closing = new Set<Socket>();

  /** @param now the clock of the run */
  constructor(port: number, effect: Effect, now: () => Millis) {
    this.#port = port;
    this.#effect = effect;
    this.#now = now;
    this.#padding = "x".repeat(effect.bytes ?? 0);
  }

  /** @param lasts for how long the fault is to be in force */
  start(lasts: Millis): void {
    this.#every(Math.min(mostSeldom, Math.max(mostOften, lasts / probes)));
    // A run that is aborted never asks for the result.
    this.#end = setTimeout(() => this[Symbol.dispose](), lasts * 2 + givenUp).unref();
  }

  /** Waits until a connection is there, which a fault of old connections has to meet. */
  async untilReady(): Promise<void> {
    const look = async (): Promise<true | undefined> =>
      this.#samples.some(({ answeredAt }) => answeredAt !== null) ? true : undefined;
    await waitFor(look, readyWithin);
  }

  /**
   * Waits until a probe is answered as without the fault.
   * @param healing when healing was requested
   * @param until when this is given up
   * @returns null where nothing can be said: the fault was shorter than a reply takes
   */
  async untilHealed(
    healing: Millis,
    until: () => Millis,
  ): Promise<Pick<InForce, "from" | "to" | "healed" | "met"> | null> {
    const seen = this.#seen(healing);
    if (this.#effect.isOfOldConnections) {
      this[Symbol.dispose]();
      return seen;
    }
    this.#every(soon);
    let healed: Millis | null = null;
    while (healed === null && this.#now() < until()) {
      await sleep(2);
      const whole = this.#samples.find((one) => one.at > healing && one.answeredAt !== null && !this.#isMet(one));
      healed = whole?.answeredAt ?? null;
    }
    this[Symbol.dispose]();
    return seen === null ? null : { ...seen, healed };
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
    clearTimeout(this.#end);
    this.#socket?.destroy();
    for (const socket of this.#closing) socket.destroy();
  }

  #every(interval: Millis): void {
    clearInterval(this.#timer);
    this.#timer = setInterval(() => this.#ask(), interval).unref();
    this.#ask();
  }

  #ask(): void {
    const sample: Sample = { at: this.#now(), answeredAt: null };
    this.#samples.push(sample);
    if (this.#effect.by === "close") {
      this.#askToClose(sample);
      return;
    }
    const socket = this.#socket ?? this.#dial();
    // Each probe has a number: a lost one has no reply, though later ones may have.
    socket.write(encode(["ECHO", `${this.#samples.length - 1}:${this.#padding}`]));
  }

  #askToClose(sample: Sample): void {
    const socket = connect({ host: loopback, port: this.#port, noDelay: true }).unref();
    this.#closing.add(socket);
    socket.on("data", () => {}); // the reply; what counts is the close
    socket.on("error", () => {});
    socket.on("close", () => {
      this.#closing.delete(socket);
      sample.answeredAt = this.#now();
    });
    socket.write(encode(["QUIT"]));
  }

  #dial(): Socket {
    const socket = connect({ host: loopback, port: this.#port, noDelay: true }).unref();
    const reader = new MessageReader();
    this.#socket = socket;
    socket.on("data", (chunk: Buffer) => {
      for (const { parts } of reader.read(chunk)) this.#answered(Number.parseInt(parts[0] ?? "", 10));
    });
    const gone = (): void => {
      socket.destroy();
      if (this.#socket === socket) this.#socket = null;
    };
    socket.on("error", gone);
    socket.on("close", gone);
    return socket;
  }

  /** @param number NaN: the server refuses, as it does while it loads; an error is the reply to the last probe */
  #answered(number: number): void {
    const sample = Number.isNaN(number) ? this.#samples.at(-1) : this.#samples[number];
    if (sample !== undefined) sample.answeredAt ??= this.#now();
  }

  #isMet({ answeredAt, at }: Sample): boolean {
    return (answeredAt ?? Number.POSITIVE_INFINITY) - at >= this.#effect.slowerThan || answeredAt === null;
  }

  /** The longest interval in which every probe met the effect. */
  #seen(healing: Millis): Pick<InForce, "from" | "to" | "met"> | null {
    // A probe sent less than this before healing might have had no reply without the fault either.
    const decidedAfter = Number.isFinite(this.#effect.slowerThan) ? this.#effect.slowerThan : silence;
    // Replies that came after the request to heal count as missing: their bytes were held.
    const known = this.#samples
      .map(({ answeredAt, at }) => ({
        at,
        answeredAt: answeredAt !== null && answeredAt > healing ? null : answeredAt,
      }))
      .filter(({ answeredAt, at }) => answeredAt !== null || at + decidedAfter <= healing);
    if (known.length === 0) return null;
    let [longest, run]: [Sample[], Sample[]] = [[], []];
    for (const sample of known) {
      run = this.#isMet(sample) ? [...run, sample] : [];
      if (run.length > longest.length) longest = run;
    }
    const [first, last] = [longest[0], longest.at(-1)];
    if (first === undefined || last === undefined) return { from: null, to: null, met: 0 };
    // No later probe is known: the fault was in force until the end.
    return { from: first.at, to: last === known.at(-1) ? healing : last.at, met: longest.length };
  }
}
