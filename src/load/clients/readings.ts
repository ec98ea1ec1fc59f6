/**
 * The readings of one node over time. It drifts, and now and then jumps anywhere from idle to spent, so that its health goes from 1 to 0; most of its
 * heartbeats are material, and some are not.
 */

import type { MetricName } from "../../protocol/node.ts";
import { metricNames, type Random } from "../../scheduler/ports.ts";
import { between, chance, pick } from "../plan/random.ts";
import type { Target } from "./target.ts";

type Metrics = Parameters<Target["heartbeat"]>[0]["metrics"];

/** The reading at which a node is spent (docs/protocol.md, section 7). */
const spent = { cpu: 1, gpu: 1, memory: 1, load: 4, latency_ms: 1_000, error_rate: 1 } as const;

/** How far a node is from idle, 0, to spent, 1; what is drawn beyond either end is that end, so that both occur. */
const levels = [-0.15, 1.15] as const;
const jumps = 0.25;
const drift = [-0.12, 0.12] as const;
/** How far a single reading may be from the node's level. */
const own = [-0.1, 0.1] as const;
/** The greatest reading that is allowed. */
const greatest = 1_000_000_000;

/** No reading of any node. Each in a list; empty: the reading is missing. */
const impossible = [[null], [Number.NaN], [Number.POSITIVE_INFINITY], [-1], [1e300], [greatest + 1], []] as const;
/** As often all readings are impossible; else one of them is. */
const hopeless = 0.25;

export class Readings {
  readonly #draw: Random;
  #level: number;

  constructor(draw: Random) {
    this.#draw = draw;
    this.#level = between(draw, levels);
  }

  next(): Readonly<Record<MetricName, number>> {
    this.#level = chance(this.#draw, jumps) ? between(this.#draw, levels) : this.#level + between(this.#draw, drift);
    this.#level = Math.min(levels[1], Math.max(levels[0], this.#level));
    return {
      cpu: this.#reading(spent.cpu),
      gpu: this.#reading(spent.gpu),
      memory: this.#reading(spent.memory),
      load: this.#reading(spent.load),
      latency_ms: this.#reading(spent.latency_ms),
      error_rate: this.#reading(spent.error_rate),
    };
  }

  /** With readings that cannot be, or without them: as a program may send them that nothing checks. */
  nextImpossible(): Metrics {
    const names = chance(this.#draw, hopeless) ? metricNames : [pick(this.#draw, metricNames)];
    const readings = names.map((name) => {
      const [reading] = pick<readonly (number | null)[]>(this.#draw, impossible);
      return [name, reading] as const;
    });
    return { ...this.next(), ...Object.fromEntries(readings) };
  }

  #reading(full: number): number {
    if (this.#level <= 0) return 0;
    // A node that is spent may read anything above.
    if (this.#level >= 1) return chance(this.#draw, 0.1) ? greatest : full;
    const share = Math.min(1, Math.max(0, this.#level + between(this.#draw, own)));
    return Math.round(share * full * 1_000) / 1_000;
  }
}
