/** Describes what the store holds and how far each instance is, for the lanes of a timeline. */
import type { NodeRecord } from "../../../model/partition/command.ts";
import type { Partition } from "../../../model/partition/partition.ts";
import type { Version } from "../../protocol/version.ts";
import { toPort } from "../servers/protocol-values.ts";
import type { SimEvent } from "../trace/events.ts";

export class Held {
  readonly #states = new Map<number, Partition>();
  readonly #views = new Map<number, Map<number, Version>>();
  readonly #epochs = new Map<string, string>();

  get instances(): readonly number[] {
    return [...this.#views.keys()].sort((a, b) => a - b);
  }

  /** @returns whether the view of an instance has changed */
  follow(event: SimEvent): boolean {
    if (event.kind === "stepped") this.#states.set(event.partition, event.after);
    if (event.kind === "truth") this.#states.set(event.partition, event.state);
    if (event.kind !== "scheduler") return false;
    const { instance, what } = event;
    if (what.kind !== "view_advanced" && what.kind !== "resynced") return false;
    const views = this.#views.get(instance) ?? new Map<number, Version>();
    this.#views.set(instance, views.set(what.partition, what.version));
    return true;
  }

  viewLines(instance: number): readonly string[] {
    const views = [...(this.#views.get(instance) ?? [])].sort(([a], [b]) => a - b);
    return views.map(([partition, version]) => `partition ${partition} up to ${this.version(version)}`);
  }

  storeLines(): readonly string[] {
    const states = [...this.#states].sort(([a], [b]) => a - b);
    return states.flatMap(([partition, { jobs, meta, nodes }]) => [
      `partition ${partition} at ${meta === null ? "nothing" : this.version(toPort(meta))}`,
      ...[...nodes].map(([node, record]) => {
        const held = [...(jobs.get(node)?.keys() ?? [])].join(", ");
        return `  ${node}: ${this.#nodeText(record)}, jobs ${held === "" ? "none" : held}`;
      }),
    ]);
  }

  /** Epochs have long names, so they are numbered: e1, e2, … in order of appearance. */
  version({ epoch, sequence }: Version): string {
    const known = this.#epochs.get(epoch) ?? `e${this.#epochs.size + 1}`;
    this.#epochs.set(epoch, known);
    return `${known}:${sequence}`;
  }

  #nodeText({ currentJobs, maxJobs, status, version }: NodeRecord): string {
    return `${status} at ${this.version(toPort(version))}, ${currentJobs} of ${maxJobs}`;
  }
}
