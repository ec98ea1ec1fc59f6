/** J3: a job operation that runs again after its reply was lost changes nothing a second time. */
import { type Call, type LostReply, ofKind, versionText } from "./history.ts";
import { conclude, fewStories, inMs, type Judgement, type Trial } from "./judgement.ts";
import { entriesOf } from "./observation.ts";
import { properties } from "./properties.ts";
import { NodeStates, type ReplayedEpoch, replayEpochs } from "./replay.ts";

export function judgeJobOnce(trial: Trial): Judgement {
  const epochs = replayEpochs(trial.observations);
  const violations = [...epochs.flatMap(twiceInEpoch), ...falseRepetitions(trial, new NodeStates(epochs))];
  return conclude({
    property: "J3",
    premise: properties.J3.premise,
    exercised: repeatedAfterLoss(trial),
    violations: fewStories(violations),
  });
}

/**
 * What was held when the epoch began may end in it; what ended in it is never held again, by the same life or a later one of the node
 * (finished jobs are remembered far longer than a run lasts), unless it was released.
 */
function twiceInEpoch({ epoch, base, steps }: ReplayedEpoch): readonly (readonly string[])[] {
  const stories: (readonly string[])[] = [];
  const live = new Map<string, ReadonlySet<string>>([...base].map(([node, { jobs }]) => [node, jobs]));
  const finished = new Set<string>();
  for (const { entry, before, after } of steps) {
    const { change, sequence, at } = entry;
    const held = live.get(change.node) ?? before?.jobs ?? new Set<string>();
    if (after === null) live.delete(change.node);
    else live.set(change.node, after.jobs);
    if (change.kind !== "reserved" && change.kind !== "completed" && change.kind !== "released") continue;
    const key = JSON.stringify([change.node, change.job]);
    const wrong = wrongness(change.kind, held.has(change.job), finished.has(key));
    if (change.kind === "completed") finished.add(key);
    if (wrong === null) continue;
    stories.push([
      `job ${change.job} was ${change.kind} on node ${change.node} ${wrong}, allowed once`,
      `entry ${sequence} of epoch ${epoch}, read at ${inMs(at)}`,
    ]);
  }
  return stories;
}

function wrongness(kind: "reserved" | "completed" | "released", isHeld: boolean, isFinished: boolean): string | null {
  if (kind === "reserved" && isFinished) return "after it had been completed";
  if (kind === "reserved") return isHeld ? "while it was reserved already" : null;
  return isHeld ? null : "while it was not reserved";
}

/** What is said to be a repetition, of a job that has no place at that version. */
function falseRepetitions({ history }: Trial, states: NodeStates): readonly (readonly string[])[] {
  return ofKind(history, "call").flatMap(({ from, instance, job, node, op, reply, version }) => {
    if (reply !== "already" || (op !== "reserve_job" && op !== "dispatch")) return [];
    if (node === undefined || job === undefined || version === undefined) return [];
    const state = states.at(node, version);
    if (state === null || state.jobs.has(job)) return [];
    return [
      [
        `job ${job} was said to have its place on node ${node} already, where it had none, allowed only for a repetition`,
        `instance ${instance}, asked at ${inMs(from)}, at ${versionText(version)}`,
      ],
    ];
  });
}

const jobOps: readonly string[] = ["reserve_job", "complete_job", "release_job"];
const made: ReadonlySet<string> = new Set(["reserved", "completed", "released"]);

/** Calls whose reply never came although Redis had run them, as the feed tells, and which were then made again and answered. */
function repeatedAfterLoss(trial: Trial): number {
  const calls = ofKind(trial.history, "call").filter(({ op }) => jobOps.includes(op) || op === "dispatch");
  const byJob = Map.groupBy(calls, placeOf);
  const lost = ofKind(trial.history, "lost_reply").filter(({ script }) => jobOps.includes(script));
  const changed = new Set(
    entriesOf(trial.observations).flatMap(({ change }) =>
      "job" in change && made.has(change.kind) ? [placeOf(change)] : [],
    ),
  );
  const withheld = lost.filter(
    (loss) =>
      changed.has(placeOf(loss)) &&
      (wasAnsweredLater(loss, byJob.get(placeOf(loss)) ?? []) || wasResolved(loss, trial)),
  ).length;
  const known = new Set(lost.map((loss) => `${loss.script} ${placeOf(loss)}`));
  const timedOut = calls.filter((call) => {
    const place = placeOf(call);
    if (call.outcome !== "info" || known.has(`${call.op} ${place}`) || !changed.has(place)) return false;
    return wasRepeated(call, byJob.get(place) ?? []);
  }).length;
  return withheld + timedOut;
}

interface Place {
  readonly job?: string | undefined;
  readonly node?: string | undefined;
}

function placeOf({ job, node }: Place): string {
  return JSON.stringify([node, job]);
}

/** @param own calls of the same node and job */
function wasAnsweredLater({ script, at }: LostReply, own: readonly Call[]): boolean {
  return own.some(
    (call) =>
      (call.op === script || (script === "reserve_job" && call.op === "dispatch")) &&
      call.from >= at &&
      call.outcome === "ok",
  );
}

/** The scheduler itself asked again. */
function wasResolved({ job, node, at }: LostReply, trial: Trial): boolean {
  return ofKind(trial.history, "note").some(
    ({ what, facts, at: then }) =>
      what === "ambiguity_resolved" && facts["job"] === job && facts["node"] === node && then >= at,
  );
}

/**
 * Its next try was answered as a second run is: so the first had run.
 * @param own calls of the same node and job
 */
function wasRepeated(call: Call, own: readonly Call[]): boolean {
  const until = call.to ?? Number.POSITIVE_INFINITY;
  const next = own.find((other) => other.op === call.op && other.from >= until && other.outcome === "ok");
  return next !== undefined && isEcho(call.op, next.reply);
}

/** The reply that a second run gets. A second `completed` is also what a first run gets, so it proves nothing alone. */
function isEcho(op: string, reply: string): boolean {
  return (op === "reserve_job" && reply === "already") || (op === "release_job" && reply === "unknown");
}
