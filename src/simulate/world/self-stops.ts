/**
 * Schedulers that have stopped themselves: by an invariant of a property, which is then violated, or by an unexplained fault. Also schedulers that
 * threw an undocumented error at a client.
 */
import type { Call } from "../../check/history.ts";
import type { Judgement } from "../../check/judgement.ts";
import { type PropertyId, propertyIds } from "../../check/properties.ts";
import { isMistake } from "../../load/clients/caller.ts";
import type { Listener } from "../trace/bus.ts";
import type { SimEvent } from "../trace/events.ts";

interface Stop {
  /** null: no property forbids it. */
  readonly property: PropertyId | null;
  readonly story: readonly string[];
}

export class SelfStops implements Listener {
  readonly hears = ["scheduler.fault", "returned"] as const;
  readonly #stops: Stop[] = [];

  on(event: SimEvent): void {
    if (event.kind === "returned" && isMistake(event.call.reply)) this.#threw(event.call);
    if (event.kind !== "scheduler" || event.what.kind !== "fault") return;
    const { error, task } = event.what;
    const said = String(error);
    const named = /^InvariantError: does not hold: ([A-Z]\d)\b/.exec(said)?.[1];
    const property = propertyIds.find((id) => id === named) ?? null;
    this.#stops.push({
      property,
      story: [`instance ${event.instance} stopped itself: ${said}`, `in the task: ${task}`],
    });
  }

  #threw({ instance, op, reply }: Call): void {
    this.#stops.push({
      property: null,
      story: [`instance ${instance} ${reply}`, `at ${op}: that is a mistake in its program`],
    });
  }

  /** The reason why the run cannot be judged, where no property explains a stop. */
  get unexplained(): string | null {
    return this.#stops.find(({ property }) => property === null)?.story.join("; ") ?? null;
  }

  /** The judgements, with what the schedulers have said against themselves. */
  join(judgements: readonly Judgement[]): readonly Judgement[] {
    const joined = new Map(judgements.map((one) => [one.property, one]));
    for (const { property, story } of this.#stops) {
      if (property === null) continue;
      const known = joined.get(property);
      const violations = [...(known?.violations ?? []), story];
      const exercised = Math.max(1, known?.exercised ?? 0);
      joined.set(property, { property, verdict: "violated", exercised, measures: known?.measures ?? [], violations });
    }
    return [...joined.values()];
  }
}
