/** Lines that are taken away from the history of redis-gone. */
import { both, counted, edit, type Lie, recounted, without, withoutKind, withoutLast, withoutOne } from "./lie.ts";

const isOfStore = (kind: string): boolean => kind === "entry" || kind === "dump" || kind === "observer_read";

export const takenAway: readonly Lie[] = [
  [
    "all of instance 1",
    both(
      without((line) => "instance" in line && line.instance === 1),
      counted,
    ),
    { violated: "L1" },
  ],
  ["the second half", (lines) => lines.slice(0, lines.length / 2), { open: /ends before the run did/ }],
  ["all answers", withoutKind("call"), { violated: "D1" }],
  ["the answer to one read", withoutOne("call", ({ op }) => op === "get_node"), { violated: "D1" }],
  ["one call", withoutCall, { open: /1 of \d+ .* calls are not in the history/ }],
  [
    "all heartbeats",
    both(
      without((line) => "op" in line && line.op === "heartbeat"),
      counted,
    ),
    { violated: "L1" },
  ],
  [
    "all dispatches",
    both(
      without((line) => "op" in line && line.op === "dispatch"),
      counted,
    ),
    { violated: "L1" },
  ],
  [
    "all reserves",
    both(
      without((line) => "op" in line && line.op === "reserve_job"),
      counted,
    ),
    { violated: "L1" },
  ],
  [
    "all put_config",
    both(
      without((line) => "op" in line && line.op === "put_config"),
      counted,
    ),
    { violated: "S1" },
  ],
  ["all calls to the store", withoutKind("store_call"), { open: /answers have no store_call/ }],
  [
    "the calls of one instance to the store",
    withoutKind("store_call", ({ instance }) => instance === 0),
    { open: /\(100.0 %\) answers have no store_call: heartbeat of instance 0/ },
  ],
  ...(
    ["heartbeat", "reserve_job", "complete_job", "release_job", "register_node", "offline_node", "put_config"] as const
  ).map(
    (script): Lie => [
      `the calls of ${script} to the store`,
      withoutKind("store_call", (line) => line.script === script),
      { open: new RegExp(`answers have no store_call: ${script}`) },
    ],
  ),
  [
    "the calls of snapshot to the store",
    withoutKind("store_call", ({ script }) => script === "snapshot"),
    { violated: "D5" },
  ],
  [
    "the calls of changes_since to the store",
    withoutKind("store_call", ({ script }) => script === "changes_since"),
    { violated: "D5" },
  ],
  [
    "the calls of sweep to the store",
    withoutKind("store_call", ({ script }) => script === "sweep"),
    { informative: "only K3 reads them, and judges those that are there" },
  ],
  ["all requests", withoutKind("request"), { open: /P1/ }],
  ["all refusals of full nodes", withoutKind("node_full"), { open: /\(100.0 %\) answers `full` have no node_full/ }],
  [
    "one refusal of a full node",
    (lines) => {
      const refused = new Set(lines.flatMap((one) => (one.kind === "call" && one.reply === "full" ? [one.job] : [])));
      return withoutOne("node_full", ({ job }) => refused.has(job))(lines);
    },
    { open: /^.*1 of \d+ .* answers `full` have no node_full/ },
  ],
  ["all orphans", withoutKind("note", ({ what }) => what === "orphans_reported"), { violated: "O1" }],
  ["one report of orphans", withoutOne("note", ({ what }) => what === "orphans_reported"), { violated: "O1" }],
  ["all notes", withoutKind("note"), { violated: "O1" }],
  ["all modes", withoutKind("mode"), { violated: "D2" }],
  ["all of the observer", without(({ kind }) => isOfStore(kind)), { open: /no observer saw the store/ }],
  [
    "all looks of the observer",
    withoutKind("observer_read"),
    { open: /\(100.0 %\) observations are of no observer_read/ },
  ],
  ["one look of the observer at a change", withoutLook, { open: /observations are of no observer_read/ }],
  ["all entries", both(withoutKind("entry"), recounted), { violated: "V1" }],
  [
    "one reservation of the feed",
    both(
      withoutOne("entry", ({ change }) => change.kind === "reserved"),
      recounted,
    ),
    { violated: "V1" },
  ],
  [
    "one registration of the feed",
    both(
      withoutOne("entry", ({ change }) => change.kind === "registered"),
      recounted,
    ),
    { violated: "V1" },
  ],
  ["all dumps", both(withoutKind("dump"), recounted), { violated: "F1" }],
  [
    "the last dump",
    withoutLast("dump"),
    { open: /the end counts \d+ observations of the store, and the history has \d+/ },
  ],
  [
    "the dumps after the load",
    (lines) => {
      const quiet = lines.find((line) => line.kind === "phase" && line.name === "quiet");
      const since = quiet?.kind === "phase" ? quiet.at : Number.NaN;
      return both(
        withoutKind("dump", ({ at }) => at >= since),
        recounted,
      )(lines);
    },
    { open: /V3/ },
  ],
  ["all views", withoutKind("view"), { open: /is ahead of its last view/ }],
  [
    "the views of one instance from the middle on",
    withoutKind("view", ({ at, instance }) => instance === 0 && at > 3_600),
    { open: /the last sample of instance 0 is ahead of its last view/ },
  ],
  ["all samples", withoutKind("sample"), { open: /V3/ }],
  ["the hosts", withoutKind("hosted"), { open: /O1/ }],
  ["the pace", withoutKind("pace"), { open: /the rate of the load was not recorded/ }],
  ["the phases", withoutKind("phase"), { open: /ends before the run did/ }],
  [
    "the count of calls",
    edit(
      "phase",
      ({ name }) => name === "end",
      () => ({ calls: undefined }),
    ),
    { open: /how many calls/ },
  ],
  ["all faults", without(({ kind }) => kind === "fault" || kind === "in_force"), { open: /never took effect/ }],
  [
    "the beginning of a fault",
    withoutOne("fault", ({ step }) => step === "inject"),
    { open: /nothing says that .* began/ },
  ],
  [
    "the end of a fault",
    withoutOne("fault", ({ fault, step }) => fault === 0 && step === "heal"),
    { open: /nothing says that .* ended/ },
  ],
  ["the effects of the faults", withoutKind("in_force"), { open: /nothing looked at the effect/ }],
  ["the effect of one fault", withoutOne("in_force"), { open: /nothing looked at the effect/ }],
  [
    "the calls to Toxiproxy",
    withoutKind("proxy_call"),
    { informative: "for messages only: steps and effects of faults are lines of their own" },
  ],
  [
    "the waits of servers and the pauses of the machine, of which a quiet one has none",
    (lines) => lines.filter(({ kind }) => kind !== "starved" && kind !== "frozen"),
    { informative: "an excuse: without it more is violated, never less" },
  ],
];

function withoutCall(lines: Parameters<Lie[1]>[0]): ReturnType<Lie[1]> {
  const read = lines.find((line) => line.kind === "call" && line.op === "get_node" && line.from > 1_000);
  return without((line) => read?.kind === "call" && "id" in line && line.id === read.id)(lines);
}

/** A look that showed a change. */
function withoutLook(lines: Parameters<Lie[1]>[0]): ReturnType<Lie[1]> {
  const seen = lines.flatMap((line) => (line.kind === "entry" && line.at > 1_000 ? [line] : []))[0];
  return withoutOne(
    "observer_read",
    ({ at, partition, took }) =>
      seen !== undefined && partition === seen.partition && at >= seen.at && at - took <= seen.at,
  )(lines);
}
