/** The jobs that have places on each node, as the changes of each epoch leave them, apart from what the store says of it. */
import type { EpochLine, LineEntry } from "../truth.ts";

export class HeldJobs {
  readonly #lines = new Map<EpochLine, Map<string, Set<string>>>();

  /** undefined: it is not known. */
  of(line: EpochLine, node: string): ReadonlySet<string> | undefined {
    return this.#lines.get(line)?.get(node) ?? this.#found(line, node);
  }

  /** Each change of an epoch in turn. */
  change(line: EpochLine, { job, kind, lapsed, node }: LineEntry): void {
    const own = this.#lines.get(line)?.get(node) ?? this.#found(line, node);
    switch (kind) {
      case "reserved":
        if (job !== null) own?.add(job);
        break;
      case "completed":
      case "released":
        if (job !== null) own?.delete(job);
        break;
      case "lapsed":
        for (const each of lapsed) own?.delete(each);
        break;
      case "health":
        break;
      default:
        // A life that begins or ends has no jobs.
        if (own === undefined) this.#keep(line, node, new Set());
        else own.clear();
    }
  }

  #found(line: EpochLine, node: string): Set<string> | undefined {
    const found = line.places(node, 0);
    return found === undefined ? undefined : this.#keep(line, node, new Set(found.keys()));
  }

  #keep(line: EpochLine, node: string, jobs: Set<string>): Set<string> {
    const own = this.#lines.get(line);
    if (own === undefined) this.#lines.set(line, new Map([[node, jobs]]));
    else own.set(node, jobs);
    return jobs;
  }
}
