/** What a run takes for granted before its properties mean anything. Each that does not hold is told in words, and the run proves nothing. */
import type { Load, Scenario } from "../../scenarios/declare.ts";
import { faultWindows } from "../check/fault-window.ts";
import { type Call, type Millis, ofKind, phaseAt, readOps } from "../check/history.ts";
import type { Trial } from "../check/judgement.ts";
import { partitionsOf } from "../check/observation.ts";

/** An operation that begins later than this after its time was not part of the load that was declared. */
const begunWithin: Millis = 50;
/** Of each instance's last reads, and of its last writes, so many are looked at. */
const lastLooked = 10;

/** Of one side of a pair: of the one without faults, those about faults hold by themselves. */
export function unmetAssumptions(scenario: Pick<Scenario, "load">, trial: Trial): readonly string[] {
  return [
    ...emptyStart(trial),
    ...loadKept(trial),
    ...everyKindSucceeded(scenario.load, trial),
    ...everyFaultHealed(trial),
    ...lastAnswered(trial),
  ];
}

/** The observer looks before anybody else has been let in. */
function emptyStart({ observations }: Trial): readonly string[] {
  if (observations.length === 0) return ["nobody saw what the store began with"];
  const full = partitionsOf(observations).filter((partition) => {
    const first = observations.find((one) => one.partition === partition);
    return first?.kind !== "dump" || first.nodes.length > 0 || (first.version?.sequence ?? 0) > 0 || first.left;
  });
  return full.length === 0 ? [] : [`the store was not empty at the start: partitions ${full.join(", ")}`];
}

function loadKept({ history }: Trial): readonly string[] {
  const [pace] = ofKind(history, "pace");
  if (pace === undefined) return ["nobody saw whether the load reached its rate"];
  const { late_ms_p95, made, planned } = pace;
  if (made < planned) return [`the load did not reach its rate: ${made} of ${planned} operations were begun`];
  if (late_ms_p95 <= begunWithin) return [];
  const found = `one operation in twenty was begun ${Math.round(late_ms_p95)} ms or more after its time`;
  return [
    `the load did not reach its rate: ${found}, allowed ${begunWithin} ms; run it with less beside it on the machine`,
  ];
}

interface Success {
  readonly what: string;
  by(call: Call): boolean;
}

const replies = (what: string, ops: readonly Call["op"][], allowed: readonly string[]): Success => ({
  what,
  by: ({ op, outcome, reply }) => outcome === "ok" && ops.includes(op) && allowed.includes(reply),
});

const found = replies("get_node of a node that there is", ["get_node"], ["found"]);
const registered = replies("register_node", ["register_node"], ["registered"]);
const ended = replies("the end of a job", ["complete_job", "release_job"], ["completed"]);

/** By what it is seen that a kind of load does what it is for. */
const successes: Readonly<Record<Load["kind"], readonly Success[]>> = {
  read: [found],
  read_each: [found],
  read_missing: [replies("get_node of a node that there is not", ["get_node"], ["missing"])],
  select: [{ what: "select_nodes", by: ({ op, selected }) => op === "select_nodes" && (selected?.length ?? 0) > 0 }],
  dispatch: [replies("dispatch", ["dispatch"], ["reserved", "already"]), ended],
  reserve: [replies("reserve_job", ["reserve_job"], ["reserved", "already"]), ended],
  deliver_twice: [
    replies("reserve_job", ["reserve_job"], ["reserved", "already"]),
    replies("the refusal of a job that had finished", ["reserve_job"], ["finished"]),
  ],
  heartbeat: [replies("heartbeat", ["heartbeat"], ["renewed"])],
  // Of a node that has another life by now it is answered as such.
  repeat_heartbeat: [replies("a heartbeat sent again", ["heartbeat"], ["already", "superseded"])],
  late_heartbeat: [replies("the refusal of a late heartbeat", ["heartbeat"], ["stale", "superseded"])],
  bad_heartbeat: [
    {
      what: "the refusal of a heartbeat that cannot be",
      by: ({ op, outcome, reply }) =>
        op === "heartbeat" && outcome === "fail" && /^(threw InvalidInputError|invalid$)/.test(reply),
    },
  ],
  go_offline: [replies("offline_node", ["offline_node"], ["offline"]), registered],
  fall_silent: [registered],
  arrive: [registered],
  odd_id: [registered],
  impersonate: [registered],
  put_config: [{ what: "put_config", by: ({ op, outcome }) => op === "put_config" && outcome === "ok" }],
};

function everyKindSucceeded(load: readonly Load[], { history }: Trial): readonly string[] {
  const calls = ofKind(history, "call").filter(({ from }) => from >= 0);
  const wanted = new Map(
    load.flatMap(({ kind }) => successes[kind].map((success) => [success.what, success] as const)),
  );
  const missing = [...wanted.values()].filter(({ by }) => !calls.some(by)).map(({ what }) => what);
  return missing.length === 0 ? [] : [`never succeeded: ${missing.join(", ")}`];
}

function everyFaultHealed({ history, instances }: Trial): readonly string[] {
  const by = phaseAt(history, "healed");
  const open = faultWindows(history, instances)
    .filter(({ healed }) => !(healed <= by))
    .map(({ fault, instance, name }) => `${name} (faults[${fault}]) of instance ${instance}`);
  return open.length === 0 ? [] : [`was not healed when the load ended: ${open.join(", ")}`];
}

/** Else the run may have ended in the middle of what it is about. */
function lastAnswered({ history, instances }: Trial): readonly string[] {
  const calls = ofKind(history, "call")
    .filter(({ from }) => from >= 0)
    .sort((a, b) => a.from - b.from);
  return Array.from({ length: instances }, (_, instance) => instance).flatMap((instance) => {
    const own = calls.filter((call) => call.instance === instance);
    const [reads, writes] = [own.filter(isRead), own.filter((call) => !isRead(call))];
    return [
      ...unanswered(reads, `the last reads of instance ${instance}`),
      ...unanswered(writes, `the last writes of instance ${instance}`),
    ];
  });
}

function unanswered(calls: readonly Call[], which: string): readonly string[] {
  const last = calls.slice(-lastLooked);
  if (last.length === 0 || last.some(({ outcome, to }) => to !== null && outcome === "ok")) return [];
  return [`${which} were not answered: ${[...new Set(last.map(({ reply }) => reply))].join(", ")}`];
}

function isRead({ op }: Call): boolean {
  return readOps.some((read) => read === op);
}
