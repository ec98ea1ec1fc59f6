/**
 * A connection beside the instance's own through the same proxy, on which the harness asks again and again: what comes back, and when, shows whether a
 * fault of the link has its effect, whatever Toxiproxy has answered.
 */
import { connect, type Socket } from "node:net";
import type { InForce, Millis } from "../../check/history.ts";
import { encode } from "../../lab/servers/redis-wire.ts";
import { MessageReader } from "../network/resp.ts";
import { sleep } from "./step.ts";

/** How a question shows the effect: its answer takes longer than so, or does not come at all (Infinity). */
export interface Effect {
  readonly slowerThan: Millis;
  /** How long question and answer are; absent: as short as can be. */
  readonly bytes?: number;
}

interface Sample {
  readonly at: Millis;
  answeredAt: Millis | null;
}

/** One question in so many parts of the fault: the tolerance is a tenth of it. */
const parts = 40;
const [mostOften, mostSeldom]: readonly [Millis, Millis] = [10, 50];
/** Between two questions once healing has been asked for. */
const soon: Millis = 5;
/** Without the fault an answer comes within a few milliseconds. */
const silence: Millis = 30;
/** After the time in which healing should have been asked for. */
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

  /** @param now the clock of the run */
  constructor(port: number, effect: Effect, now: () => Millis) {
    this.#port = port;
    this.#effect = effect;
    this.#now = now;
    this.#padding = "x".repeat(effect.bytes ?? 0);
  }

  /** @param lasts for how long the fault is to be in force */
  start(lasts: Millis): void {
    this.#every(Math.min(mostSeldom, Math.max(mostOften, lasts / parts)));
    // Of a run that was ended before its time nobody asks what was seen.
    this.#end = setTimeout(() => this[Symbol.dispose](), lasts * 2 + givenUp).unref();
  }

  /**
   * Waits until a question is answered as without the fault.
   * @param healing when healing was asked for
   * @param until when this is given up
   * @returns null where nothing could be told: the fault was shorter than an answer takes
   */
  async untilHealed(
    healing: Millis,
    until: () => Millis,
  ): Promise<Pick<InForce, "from" | "to" | "healed" | "met"> | null> {
    const seen = this.#seen(healing);
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
  }

  #every(interval: Millis): void {
    clearInterval(this.#timer);
    this.#timer = setInterval(() => this.#ask(), interval).unref();
    this.#ask();
  }

  #ask(): void {
    this.#samples.push({ at: this.#now(), answeredAt: null });
    const socket = this.#socket ?? this.#dial();
    // Each question has its number: one that was lost has no answer, though those behind it may have.
    socket.write(encode(["ECHO", `${this.#samples.length - 1}:${this.#padding}`]));
  }

  #dial(): Socket {
    const socket = connect({ host: "127.0.0.1", port: this.#port, noDelay: true }).unref();
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

  /** @param number NaN: the server refuses, as it does while it loads; that it says so is an answer to the last question */
  #answered(number: number): void {
    const sample = Number.isNaN(number) ? this.#samples.at(-1) : this.#samples[number];
    if (sample !== undefined) sample.answeredAt ??= this.#now();
  }

  #isMet({ answeredAt, at }: Sample): boolean {
    return (answeredAt ?? Number.POSITIVE_INFINITY) - at >= this.#effect.slowerThan || answeredAt === null;
  }

  /** The longest time in which every question met the effect. */
  #seen(healing: Millis): Pick<InForce, "from" | "to" | "met"> | null {
    // A question that was put so late might not have been answered yet without the fault either.
    const told = Number.isFinite(this.#effect.slowerThan) ? this.#effect.slowerThan : silence;
    // What came after healing had been asked for did not come before: bytes that were held.
    const known = this.#samples
      .map(({ answeredAt, at }) => ({
        at,
        answeredAt: answeredAt !== null && answeredAt > healing ? null : answeredAt,
      }))
      .filter(({ answeredAt, at }) => answeredAt !== null || at + told <= healing);
    if (known.length === 0) return null;
    let [longest, run]: [Sample[], Sample[]] = [[], []];
    for (const sample of known) {
      run = this.#isMet(sample) ? [...run, sample] : [];
      if (run.length > longest.length) longest = run;
    }
    const [first, last] = [longest[0], longest.at(-1)];
    if (first === undefined || last === undefined) return { from: null, to: null, met: 0 };
    // Nobody asked later than the last one that can be told of: it was in force until the end.
    return { from: first.at, to: last === known.at(-1) ? healing : last.at, met: longest.length };
  }
}
