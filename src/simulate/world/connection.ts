/**
 * One connection between an instance and a server, as TCP is: each direction in order, all or nothing of what is on its way when it breaks.
 *
 * The two ends may differ about whether it stands: who breaks it knows at once, the other end is told by the network, later or never.
 */
import { between } from "../../load/plan/random.ts";
import type { Millis, Random } from "../../scheduler/ports.ts";
import type { Server } from "../servers/server.ts";
import type { Way, Weather } from "./link-conditions.ts";
import { type Lane, newLane, type Owner, type Timeline } from "./virtual-time.ts";

export interface Path {
  readonly timeline: Timeline;
  readonly weather: Weather;
  readonly latency: Random;
  /** One way. */
  readonly range: readonly [Millis, Millis];
}

type Broken = (connection: Connection, reason: string) => void;

export class Connection {
  readonly server: Server;
  readonly #path: Path;
  readonly #owner: Owner;
  readonly #onBroken: Broken;
  readonly #up: Lane = newLane();
  readonly #down: Lane = newLane();
  /** As the network has it. */
  #isOpen = true;
  /** Requests on their way reach the server although the connection is no more: it was the instance that ended it. */
  #arrives = true;
  /** As the instance has it. */
  #isKnownBroken = false;
  /** Open, and nothing passes any more, ever. */
  #isSilent = false;
  /** Bytes of it have been lost: it cannot go on, and breaks as soon as anything passes. */
  #isTorn = false;
  /** When the instance first sent something after what it last heard; infinity: it has heard something since. */
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

  /** Whether what is sent now passes unhindered, both ways. */
  get isClear(): boolean {
    return this.#isOpen && !this.#isSilent && !this.#isTorn && this.#path.weather.isFair && this.server.isAnswering;
  }

  /** @param extra milliseconds on top of the network's own */
  request(bytes: number, arrive: () => void, lose: () => void, extra: Millis = 0): void {
    const { timeline, weather } = this.#path;
    if (weather.resets) this.cut("reset by peer");
    if (this.unansweredSince === Number.POSITIVE_INFINITY) this.unansweredSince = timeline.now;
    this.#pass("requests", bytes, arrive, lose, extra + this.#owner.lag);
  }

  reply(bytes: number, arrive: () => void, lose: () => void): void {
    this.#pass("replies", bytes, arrive, lose, 0);
  }

  /** Nothing passes any more, and nobody is told. */
  silence(): void {
    this.#isSilent = true;
  }

  get isSilent(): boolean {
    return this.#isSilent;
  }

  /** What kept it silent has ended it, and the instance is told. */
  breakSilence(reason: string): void {
    this.#isSilent = false;
    this.cut(reason);
  }

  /** The network or the server ends it: what is on its way is gone, and the instance is told, if the network lets it know. */
  cut(reason: string): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#arrives = false;
    const { timeline, weather, latency, range } = this.#path;
    if (this.#isSilent || weather.loses("replies")) return; // the instance finds out by itself
    const tell = (): void => {
      const delay = between(latency, range) + weather.closeDelay;
      timeline.onLane(this.#down, delay, this.#owner, () => this.#learn(reason));
    };
    if (weather.holds("replies")) weather.keep("replies", tell);
    else tell();
  }

  /** The instance ends it: what it has sent still arrives. It is told nothing: it knows. */
  end(): void {
    this.#isOpen = false;
    this.#isKnownBroken = true;
  }

  #learn(reason: string): void {
    if (this.#isKnownBroken) return;
    this.#isKnownBroken = true;
    this.#onBroken(this, reason);
  }

  #pass(way: Way, bytes: number, arrive: () => void, lose: () => void, extra: Millis): void {
    const { weather } = this.#path;
    if (!this.#isOpen || this.#isSilent || this.#isTorn || weather.loses(way)) {
      if (this.#isOpen && weather.loses(way)) this.#isTorn = true;
      lose();
      return;
    }
    if (weather.holds(way)) weather.keep(way, () => this.#carry(way, bytes, arrive, lose, extra));
    else this.#carry(way, bytes, arrive, lose, extra);
  }

  #carry(way: Way, bytes: number, arrive: () => void, lose: () => void, extra: Millis): void {
    const { timeline, weather, latency, range } = this.#path;
    const delay = between(latency, range) + weather.delay(way, bytes) + extra;
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
