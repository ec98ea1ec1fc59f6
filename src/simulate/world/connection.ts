/**
 * One TCP connection between an instance and a server: each direction keeps its order, and when it breaks all messages in flight are lost.
 *
 * The two ends may disagree about whether it is open: the end that breaks it knows at once, the other learns it from the network, later or never.
 */
import { between } from "../../load/plan/random.ts";
import type { Millis } from "../../protocol/time.ts";
import type { Random } from "../../scheduler/ports.ts";
import type { Server } from "../servers/server.ts";
import type { LinkConditions, Way } from "./link-conditions.ts";
import { type Lane, newLane, type Owner, type Timeline } from "./virtual-time.ts";

export interface Path {
  readonly timeline: Timeline;
  readonly conditions: LinkConditions;
  readonly latency: Random;
  /** One way. */
  readonly range: readonly [Millis, Millis];
}

type Broken = (connection: Connection, reason: string) => void;

/** A message in flight; at most one of `arrive` and `lose` is called. */
interface Message {
  readonly bytes: number;
  readonly arrive: () => void;
  readonly lose: () => void;
  /** Milliseconds on top of the network's own. */
  readonly extra: Millis;
}

export class Connection {
  readonly server: Server;
  readonly #path: Path;
  readonly #owner: Owner;
  readonly #onBroken: Broken;
  readonly #up: Lane = newLane();
  readonly #down: Lane = newLane();
  /** Whether the network still has it. */
  #isOpen = true;
  /** Whether requests in flight reach the server after it has closed: they do when the instance ended it. */
  #arrives = true;
  /** Whether the instance has learned that it is broken. */
  #isKnownBroken = false;
  /** Half-open: neither end learns of it, and no message arrives any more. */
  #isSilent = false;
  /** Bytes have been lost, so nothing sent later can arrive. */
  #isTorn = false;
  /** When the instance sent its first request since the last reply; infinity: every request has been followed by a reply. */
  unansweredSince: Millis = Number.POSITIVE_INFINITY;

  /** @param onBroken called once, when the instance learns that it has broken */
  constructor(path: Path, owner: Owner, server: Server, onBroken: Broken) {
    this.#path = path;
    this.#owner = owner;
    this.server = server;
    this.#onBroken = onBroken;
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** Whether messages pass unhindered in both directions now. */
  get isClear(): boolean {
    return (
      this.#isOpen && !this.#isSilent && !this.#isTorn && this.#path.conditions.areNormal && this.server.isAnswering
    );
  }

  /** @param extra milliseconds on top of the network's own */
  request(bytes: number, arrive: () => void, lose: () => void, extra: Millis = 0): void {
    const { timeline, conditions } = this.#path;
    if (conditions.resets) this.cut("reset by peer");
    if (this.unansweredSince === Number.POSITIVE_INFINITY) this.unansweredSince = timeline.now;
    this.#pass("requests", { bytes, arrive, lose, extra: extra + this.#owner.lag });
  }

  reply(bytes: number, arrive: () => void, lose: () => void): void {
    this.#pass("replies", { bytes, arrive, lose, extra: 0 });
  }

  /** No message arrives any more, and neither end learns of it. */
  silence(): void {
    this.#isSilent = true;
  }

  get isSilent(): boolean {
    return this.#isSilent;
  }

  /** The fault that kept it silent ends it, and the instance learns of it. */
  breakSilence(reason: string): void {
    this.#isSilent = false;
    this.cut(reason);
  }

  /** The network or the server ends it: messages in flight are lost, and the instance learns of it if the network lets the close through. */
  cut(reason: string): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#arrives = false;
    const { timeline, conditions, latency, range } = this.#path;
    if (this.#isSilent || conditions.loses("replies")) return; // the instance finds out by its own timeouts
    const close = (): void => {
      const delay = between(latency, range) + conditions.closeDelay;
      timeline.onLane(this.#down, delay, this.#owner, () => this.#learn(reason));
    };
    if (conditions.holds("replies")) conditions.keep("replies", close);
    else close();
  }

  /** The instance ends it: the requests that it has sent still arrive. */
  end(): void {
    this.#isOpen = false;
    this.#isKnownBroken = true;
  }

  #learn(reason: string): void {
    if (this.#isKnownBroken) return;
    this.#isKnownBroken = true;
    this.#onBroken(this, reason);
  }

  #pass(way: Way, message: Message): void {
    const { conditions } = this.#path;
    if (!this.#isOpen || this.#isSilent || this.#isTorn || conditions.loses(way)) {
      if (this.#isOpen && conditions.loses(way)) this.#isTorn = true;
      message.lose();
      return;
    }
    if (conditions.holds(way)) conditions.keep(way, () => this.#carry(way, message));
    else this.#carry(way, message);
  }

  #carry(way: Way, { arrive, bytes, extra, lose }: Message): void {
    const { timeline, conditions, latency, range } = this.#path;
    const delay = between(latency, range) + conditions.delay(way, bytes) + extra;
    if (way === "requests") {
      timeline.inertly(this.#up, delay, () => (this.#isOpen || this.#arrives ? arrive() : lose()));
      return;
    }
    timeline.onLane(this.#down, delay, this.#owner, () => {
      if (this.#isKnownBroken || !this.#isOpen) {
        lose();
        return;
      }
      this.unansweredSince = Number.POSITIVE_INFINITY;
      arrive();
    });
  }
}
