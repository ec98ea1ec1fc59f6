/** Which mode each instance was in when. Before its first change an instance is in whatever that change left. */
import { type HistoryEvent, type Millis, type ModeChange, ofKind } from "../history.ts";

export class Modes {
  readonly #changes: readonly ModeChange[];

  constructor(history: readonly HistoryEvent[]) {
    this.#changes = [...ofKind(history, "mode")].sort((a, b) => a.at - b.at);
  }

  of(instance: number): readonly ModeChange[] {
    return this.#changes.filter((change) => change.instance === instance);
  }

  at(instance: number, at: Millis): string {
    const changes = this.of(instance);
    return changes.findLast((change) => change.at <= at)?.to ?? changes[0]?.from ?? "normal";
  }

  /** The first time from `since` on at which the instance was not in `normal`; infinity: never. */
  firstDegraded(instance: number, since: Millis): Millis {
    return this.#first(instance, since, (mode) => mode !== "normal");
  }

  /** The first time from `since` on at which the instance was in `normal`; infinity: never. */
  firstNormal(instance: number, since: Millis): Millis {
    return this.#first(instance, since, (mode) => mode === "normal");
  }

  /** Changes out of `normal` in the given time. */
  departures(instance: number, from: Millis, to: Millis): readonly ModeChange[] {
    return this.of(instance).filter((change) => change.from === "normal" && change.at > from && change.at <= to);
  }

  #first(instance: number, since: Millis, wanted: (mode: string) => boolean): Millis {
    if (wanted(this.at(instance, since))) return since;
    return this.of(instance).find((change) => change.at > since && wanted(change.to))?.at ?? Number.POSITIVE_INFINITY;
  }
}
