/**
 * When an instance ran: it may be paused, or dead. A paused instance can do nothing, so what it owes within a time it owes within that
 * much of its own running; what is asked of a dead instance is not judged.
 */
import type { Millis } from "../../protocol/time.ts";
import type { InstanceChanged } from "../trace/events.ts";

interface Away {
  readonly from: Millis;
  /** Infinity: it still is. */
  to: Millis;
}

class One {
  isDead = false;
  isStanding = false;
  bornAt: Millis = Number.NEGATIVE_INFINITY;
  /** When it did not run, in order. */
  readonly away: Away[] = [];
  readonly dead: Away[] = [];

  on({ at, state }: InstanceChanged): void {
    switch (state) {
      case "crashed":
        this.isDead = true;
        open(this.dead, at);
        break;
      case "started":
        this.isDead = false;
        this.bornAt = at;
        close(this.dead, at);
        break;
      case "closing":
        open(this.dead, at);
        break;
      case "paused":
        this.isStanding = true;
        break;
      case "resumed":
        this.isStanding = false;
        break;
    }
    if (this.isDead || this.isStanding) open(this.away, at);
    else close(this.away, at);
  }
}

function open(spells: Away[], at: Millis): void {
  if (spells.at(-1)?.to !== Number.POSITIVE_INFINITY) spells.push({ from: at, to: Number.POSITIVE_INFINITY });
}

function close(spells: Away[], at: Millis): void {
  const last = spells.at(-1);
  if (last !== undefined && last.to === Number.POSITIVE_INFINITY) last.to = at;
}

export class Presence {
  readonly #all: readonly One[];

  constructor(instances: number) {
    this.#all = Array.from({ length: instances }, () => new One());
  }

  on(event: InstanceChanged): void {
    this.#all[event.instance]?.on(event);
  }

  /** When the life that it lives began. */
  bornAt(instance: number): Millis {
    return this.#all[instance]?.bornAt ?? Number.NEGATIVE_INFINITY;
  }

  /** For how much of the time from `from` to `to`, which is no later than now, it ran. */
  ran(instance: number, from: Millis, to: Millis): Millis {
    return Math.max(0, to - from) - overlap(this.#all[instance]?.away, from, to);
  }

  /** Whether it paused at some moment from `from` to `to`. */
  stood(instance: number, from: Millis, to: Millis): boolean {
    return touches(this.#all[instance]?.away, from, to);
  }

  wasDead(instance: number, from: Millis, to: Millis): boolean {
    return touches(this.#all[instance]?.dead, from, to);
  }
}

function overlap(spells: readonly Away[] = [], from: Millis, to: Millis): Millis {
  let sum = 0;
  for (let index = spells.length - 1; index >= 0; index -= 1) {
    const spell = spells[index] as Away;
    if (spell.to <= from) break;
    sum += Math.max(0, Math.min(spell.to, to) - Math.max(spell.from, from));
  }
  return sum;
}

function touches(spells: readonly Away[] = [], from: Millis, to: Millis): boolean {
  for (let index = spells.length - 1; index >= 0; index -= 1) {
    const spell = spells[index] as Away;
    if (spell.to < from) return false;
    if (spell.from <= to) return true;
  }
  return false;
}
