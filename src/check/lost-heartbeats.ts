/**
 * Part of D4: an acknowledged heartbeat is in the store. It need not change anything that has a version, but the store keeps the sequence of the last
 * heartbeat of each life, which a look that began after the answer shows.
 */
import { type Call, type Millis, ofKind } from "./history.ts";
import { inMs, type Trial } from "./judgement.ts";
import { type Dump, dumpsOf, observerLag } from "./observation.ts";

/** One node in one look of the observer. */
interface Look {
  /** Nothing that happened before is missing in it. */
  readonly since: Millis;
  readonly at: Millis;
  readonly incarnation: string;
  readonly seq: number;
}

/** One epoch of a node's partition. */
interface Looks {
  readonly epoch: string;
  readonly begun: Millis;
  last: Millis;
  readonly byNode: Map<string, Look[]>;
}

const taken: ReadonlySet<string> = new Set(["renewed", "already"]);

export interface LostHeartbeats {
  /** How many were held against a look. */
  readonly compared: number;
  readonly violations: readonly (readonly string[])[];
}

export function judgeLostHeartbeats(trial: Trial): LostHeartbeats {
  const epochs = epochsIn(trial);
  const violations: (readonly string[])[] = [];
  let compared = 0;
  for (const call of ofKind(trial.history, "call")) {
    const { from, incarnation, node = "", op, outcome, reply, seq, to, version } = call;
    if (op !== "heartbeat" || outcome !== "ok" || !taken.has(reply) || seq === undefined || to === null) continue;
    // What an epoch began without is Redis's loss, and a later life has a count of its own.
    const own = epochs.filter(({ begun, byNode, last }) => byNode.has(node) && begun <= from && last >= to);
    const [epoch, ...others] = own.filter((one) => version === undefined || one.epoch === version.epoch);
    // Of two servers that answer at a time nobody knows which one took it.
    if (epoch === undefined || others.length > 0) continue;
    const look = firstSince(epoch.byNode.get(node) ?? [], to);
    if (look === undefined || look.incarnation !== incarnation) continue;
    compared += 1;
    if (look.seq < seq) violations.push(lostStory(call, seq, look));
  }
  return { compared, violations };
}

function lostStory({ from, instance, node, reply, to }: Call, seq: number, look: Look): readonly string[] {
  return [
    `heartbeat ${seq} of node ${node} was answered ${reply} and is not in the store, which had ${look.seq} for its last`,
    `answered by instance ${instance}, asked at ${inMs(from)}, answered at ${inMs(to ?? from)}; looked at from ${inMs(look.since)} to ${inMs(look.at)}`,
  ];
}

function epochsIn({ history, observations }: Trial): readonly Looks[] {
  const starts = startsOf(history, dumpsOf(observations));
  const epochs = new Map<string, Looks>();
  for (const one of observations) {
    const epoch = one.kind === "entry" ? one.epoch : one.version?.epoch;
    if (epoch === undefined) continue;
    const known = epochs.get(epoch) ?? { epoch, begun: one.at, last: one.at, byNode: new Map<string, Look[]>() };
    epochs.set(epoch, known);
    known.last = Math.max(known.last, one.at);
    if (one.kind === "entry") continue;
    const since = starts.get(one) ?? one.at - observerLag;
    for (const { content, heartbeat_seq: seq } of one.nodes) {
      const own = known.byNode.get(content.node) ?? [];
      known.byNode.set(content.node, own);
      own.push({ since, at: one.at, incarnation: content.incarnation, seq });
    }
  }
  return [...epochs.values()];
}

/** When each look began, as far as it was taken down: the answer was timed right before. */
function startsOf(history: Trial["history"], dumps: readonly Dump[]): ReadonlyMap<Dump, Millis> {
  const starts = new Map<Dump, Millis>();
  const weather = ofKind(history, "weather");
  let next = 0;
  for (const dump of [...dumps].sort((a, b) => a.at - b.at)) {
    while (next < weather.length && (weather[next]?.at ?? 0) < dump.at) next += 1;
    const look = weather[next];
    if (look !== undefined && look.at - look.took <= dump.at) starts.set(dump, look.at - look.took);
  }
  return starts;
}

function firstSince(looks: readonly Look[], since: Millis): Look | undefined {
  let [low, high] = [0, looks.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((looks[middle] as Look).since >= since) high = middle;
    else low = middle + 1;
  }
  return looks[low];
}
