/** When each node was online with one offer, as the observer saw it, and how many jobs it had. */
import type { LanguagePair, Millis, NodeContent } from "./history.ts";
import type { Dump, Entry, Observation } from "./observation.ts";

/** Times are those at which the observer saw each change: a little after it happened. */
export interface Spell {
  readonly node: string;
  readonly pools: readonly string[];
  readonly languages: readonly LanguagePair[];
  readonly services: readonly string[];
  readonly maxJobs: number;
  readonly from: Millis;
  /** The last moment at which it is known to have been so. */
  readonly until: Millis;
  /** In order; the first at `from`. */
  readonly jobs: readonly { readonly at: Millis; readonly count: number }[];
}

interface Open extends Omit<Spell, "until" | "jobs"> {
  readonly jobs: { at: Millis; count: number }[];
}

/** One partition while it is followed: an epoch, without a hole. */
interface Followed {
  epoch: string;
  sequence: number;
  readonly open: Map<string, Open>;
}

/** Where the feed was not seen whole, and from one epoch to the next, nothing is known of a node until a dump or its next registration. */
export function spellsOf(observations: readonly Observation[]): readonly Spell[] {
  const spells: Spell[] = [];
  const partitions = new Map<number, Followed>();
  let last = Number.NEGATIVE_INFINITY;
  const end = (followed: Followed, node: string, until: Millis): void => {
    const spell = followed.open.get(node);
    if (spell !== undefined) spells.push({ ...spell, until });
    followed.open.delete(node);
  };
  const restart = (followed: Followed, epoch: string, sequence: number, until: Millis): void => {
    for (const node of [...followed.open.keys()]) end(followed, node, until);
    followed.epoch = epoch;
    followed.sequence = sequence;
  };
  for (const one of observations) {
    const before = last; // what was not seen by then may have happened right after
    last = Math.max(last, one.at);
    const followed = partitions.get(one.partition) ?? { epoch: "", sequence: 0, open: new Map<string, Open>() };
    partitions.set(one.partition, followed);
    if (one.kind === "dump") takeDump(one, followed, () => restart(followed, "", 0, before));
    else takeEntry(one, followed, { end, restart, before });
  }
  for (const followed of partitions.values()) restart(followed, "", 0, last);
  return spells;
}

function takeDump({ at, nodes, version }: Dump, followed: Followed, restart: () => void): void {
  if (version !== null && followed.epoch === version.epoch && followed.sequence === version.sequence) return;
  restart();
  if (version === null) return;
  followed.epoch = version.epoch;
  followed.sequence = version.sequence;
  for (const { content } of nodes) if (content.status === "online") begin(followed, content, at);
}

interface Steps {
  readonly end: (followed: Followed, node: string, until: Millis) => void;
  readonly restart: (followed: Followed, epoch: string, sequence: number, until: Millis) => void;
  readonly before: Millis;
}

function takeEntry({ at, change, epoch, sequence }: Entry, followed: Followed, { before, end, restart }: Steps): void {
  if (epoch === followed.epoch && sequence <= followed.sequence) return; // seen already
  if (epoch !== followed.epoch || sequence !== followed.sequence + 1) restart(followed, epoch, sequence, before);
  followed.sequence = sequence;
  switch (change.kind) {
    case "registered":
      end(followed, change.node, at);
      begin(followed, { ...change, current_jobs: 0 }, at);
      break;
    case "offline":
    case "expired":
    case "removed":
      end(followed, change.node, at);
      break;
    case "health":
      break;
    default:
      followed.open.get(change.node)?.jobs.push({ at, count: change.current_jobs });
  }
}

type Offered = Pick<NodeContent, "node" | "pools" | "languages" | "services" | "max_jobs" | "current_jobs">;

function begin(followed: Followed, offered: Offered, from: Millis): void {
  const { current_jobs: count, languages, max_jobs: maxJobs, node, pools, services } = offered;
  followed.open.set(node, { node, pools, languages, services, maxJobs, from, jobs: [{ at: from, count }] });
}
