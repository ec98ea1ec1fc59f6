/** The changes of each job's place on a node, so that a judge of thousands of jobs need not look through all changes of their node for each of them. */
import type { Millis } from "../../check/history.ts";
import type { EpochLine, LineEntry } from "../truth.ts";

interface NodeChanges {
  /** By job. */
  readonly own: ReadonlyMap<string, readonly LineEntry[]>;
  /** Those of all places of the node. */
  readonly all: readonly LineEntry[];
}

/** To be asked when all changes have been heard of. */
export class PlaceChanges {
  readonly #known = new Map<EpochLine, Map<string, NodeChanges>>();

  /** Returns the first change after a sequence of the job's place, or of all places of its node. */
  next(line: EpochLine, node: string, job: string, after: number): LineEntry | undefined {
    const isLater = ({ sequence }: LineEntry): boolean => sequence > after;
    const { all, own } = this.#of(line, node);
    const [one, other] = [own.get(job)?.find(isLater), all.find(isLater)];
    return one === undefined || (other !== undefined && other.sequence < one.sequence) ? other : one;
  }

  /** Whether the job may have got or lost a place at some moment from `from` to `until`. */
  isAny(line: EpochLine, node: string, job: string, { from, until }: { from: Millis; until: Millis }): boolean {
    const isThen = ({ at, since }: LineEntry): boolean => at >= from && since <= until;
    const { all, own } = this.#of(line, node);
    return all.some(isThen) || own.get(job)?.some(isThen) === true;
  }

  #of(line: EpochLine, node: string): NodeChanges {
    const nodes = this.#known.get(line) ?? new Map<string, NodeChanges>();
    this.#known.set(line, nodes);
    const found = nodes.get(node) ?? changesOf(line, node);
    nodes.set(node, found);
    return found;
  }
}

function changesOf(line: EpochLine, node: string): NodeChanges {
  const own = new Map<string, LineEntry[]>();
  const all: LineEntry[] = [];
  for (let entry = line.next(node, -1); entry !== undefined; entry = line.next(node, entry.sequence)) {
    const { job, kind, lapsed } = entry;
    if (kind === "health") continue;
    const jobs = kind === "lapsed" ? lapsed : job === null ? null : [job];
    if (jobs === null) all.push(entry);
    for (const each of jobs ?? []) {
      const changes = own.get(each);
      if (changes === undefined) own.set(each, [entry]);
      else changes.push(entry);
    }
  }
  return { own, all };
}
