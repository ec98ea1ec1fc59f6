/**
 * Whether a choice among equals is a draw: of C1, since a herd that comes to one node at once is a burst of work as much as entries that come due at
 * once are.
 *
 * Two bets on each selection: that its first node is the one that came first before where the same was asked for, and that all `equals` nodes of that
 * one's band come in the order in which they came before; once with what the same instance chose, once with what another did that was the last to ask.
 * There are at least so many equal nodes, so a fair draw puts any one first with a chance of 1/`equals` at most, and any order of them with 1/`equals`!.
 * A gambler who stakes two fifths of what he has on each, at the odds that are fair then, wins nothing in the mean, whatever came before; and that he
 * ever has `rich` times what he began with has a chance of 1/`rich` at most (Ville's inequality). A run has a gambler for each instance and one for the
 * others: with 100 instances a false alarm has a chance below 1.1e-10 a run. Whoever always gives the same order is found out after 12 bets among four
 * equals, or 48 among two; whoever only always gives the same first, after 48 among four.
 */
import type { Call } from "../../check/history.ts";

/** Nobody is better than anybody within so many thousandths of health: what a `Selection` promises (src/scheduler/selection/select.ts). */
const band = 50;
const rich = 1e12;
/** On each of both bets. */
const stake = 0.4;

class Gambler {
  #fortune = 1;
  bets = 0;
  won = 0;

  get isRich(): boolean {
    return this.#fortune >= rich;
  }

  /** Once rich, he bets no more. */
  bet(now: readonly string[], before: readonly string[]): void {
    if (this.isRich) return;
    const isFirst = now[0] === before[0];
    const isWhole = isFirst && now.every((node, place) => node === before[place]);
    this.bets += 1;
    if (isFirst) this.won += 1;
    const kept = 1 - 2 * stake;
    this.#fortune *= kept + stake * (isFirst ? now.length : 0) + stake * (isWhole ? orders(now.length) : 0);
  }
}

/** In how many orders so many can come. */
function orders(count: number): number {
  return count < 2 ? 1 : count * orders(count - 1);
}

/** What came first in the last selection of one kind: the best, and its equals. */
interface Former {
  readonly instance: number;
  readonly best: readonly string[];
}

export class ChoiceSpread {
  readonly #ofOwn = new Map<number, Gambler>();
  readonly #ofOthers = new Gambler();
  /** What was asked for -> the last selection of it by anybody, and by each instance. */
  readonly #last = new Map<string, Former>();
  readonly #lastOwn = new Map<string, Former>();

  /** @param call a selection that has been answered */
  on({ asked, instance, selected = [] }: Call): void {
    const [first] = selected;
    if (first === undefined) return;
    const equals = selected.filter((one) => bandOf(one.health_milli) === bandOf(first.health_milli));
    const now = { instance, best: equals.map(({ node }) => node) };
    const wish = JSON.stringify(asked ?? null);
    const ownWish = `${instance} ${wish}`;
    const own = this.#lastOwn.get(ownWish);
    const last = this.#last.get(wish);
    this.#lastOwn.set(ownWish, now);
    this.#last.set(wish, now);
    if (equals.length < 2) return;
    if (own !== undefined) this.#gamblerOf(instance).bet(now.best, own.best);
    if (last !== undefined && last.instance !== instance) this.#ofOthers.bet(now.best, last.best);
  }

  #gamblerOf(instance: number): Gambler {
    const gambler = this.#ofOwn.get(instance) ?? new Gambler();
    this.#ofOwn.set(instance, gambler);
    return gambler;
  }

  /** Selections among equals that were looked at. */
  get judged(): number {
    return [...this.#ofOwn.values()].reduce((sum, { bets }) => sum + bets, 0);
  }

  get violations(): readonly (readonly string[])[] {
    const own = [...this.#ofOwn].flatMap(([instance, gambler]) =>
      gambler.isRich ? [story(gambler, `instance ${instance} chose the node it had chosen before`)] : [],
    );
    return this.#ofOthers.isRich
      ? [...own, story(this.#ofOthers, "an instance chose the node that another had chosen")]
      : own;
  }
}

/** The best band has a thousandth more than the others. */
function bandOf(healthMilli: number): number {
  return Math.min(1_000 / band - 1, Math.floor(healthMilli / band));
}

function story({ bets, won }: Gambler, what: string): readonly string[] {
  return [
    `${what} ${won} times of ${bets} among equals, allowed what a fair draw gives once in ${rich.toExponential(0)} runs`,
    "among nodes whose health differs by less than the store tells, the first of a selection is to be drawn anew each time",
  ];
}
