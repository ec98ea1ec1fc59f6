/** A system with keys of its own is judged by what its clients see. No such judge says `held` without evidence, or for a system that lies to them. */
import { describe, expect, it } from "vitest";
import type { Call, HistoryEvent, NodeContent, Version } from "../../../src/check/history.ts";
import type { Trial } from "../../../src/check/judgement.ts";
import type { PropertyId } from "../../../src/check/properties.ts";
import { clientJudges } from "../../../src/judges/clients/judges.ts";
import { judge } from "../../../src/judges/recorded/judges.ts";
import { recorded } from "./recorded.ts";
import { changed, halfOfTheCalls, hardlyInForce, nothing, type Spoil, withoutForce } from "./spoilt.ts";

/** No simulated run meets these as clients see them: test/judges/clients. */
const notMet: ReadonlySet<string> = new Set<PropertyId>(["N2", "N3", "S2", "S3"]);
const byClients = (Object.keys(clientJudges) as PropertyId[]).filter((property) => !notMet.has(property));
const judged = [...byClients, ...(["D1", "D2", "D3", "B2"] as const)];

/** A scenario in which its premise is met; `redis-gone` where it is absent. */
const scenarioOf: Partial<Readonly<Record<PropertyId, string>>> = {
  J3: "reply-lost",
  N1: "node-churn",
  N4: "redis-gone-long",
};

/** Returns a run of our scheduler, as if it kept its data under keys that the observer does not know. */
async function rightFor(property: PropertyId): Promise<Trial> {
  const trial = await recorded(scenarioOf[property] ?? "redis-gone");
  const place = { kind: "system", at: -1, name: "own", version: "1", claims: judged, withheld: {} } as const;
  const systems = Array.from({ length: trial.instances }, (_, instance): HistoryEvent => ({ ...place, instance }));
  const looks = trial.observations.filter((one) => one.kind === "dump");
  const observations = looks.map((dump) => ({ ...dump, version: null, nodes: [] }));
  return { ...trial, history: [...systems, ...trial.history], observations };
}

const calls =
  (lie: (call: Call) => Call): Spoil =>
  (trial) =>
    changed(trial, (event) => [event.kind === "call" && event.outcome === "ok" ? lie(event) : event]);

/** Whatever it is asked. */
const alwaysReplies = (reply: string, ...ops: readonly Call["op"][]): Spoil =>
  calls((call) => (ops.includes(call.op) ? { ...call, reply } : call));

const showing = (change: (node: NodeContent) => NodeContent): Spoil =>
  calls((call) => ({
    ...call,
    ...(call.read?.node ? { read: { ...call.read, node: change(call.read.node) } } : {}),
    ...(call.selected ? { selected: call.selected.map(change) } : {}),
  }));

/** Returns a function that gives the content first reported of each node. */
function firstContent(): (node: NodeContent) => NodeContent {
  const first = new Map<string, NodeContent>();
  return (node) => {
    const known = first.get(node.node) ?? node;
    first.set(node.node, known);
    return known;
  };
}

/** An old content under a new version, in turn with the right one. */
const backAndForth: Spoil = (trial) => {
  const first = firstContent();
  let turn = 0;
  return showing((node) => {
    turn += 1;
    return turn % 2 === 0 ? node : { ...first(node), version: node.version };
  })(trial);
};
const everyVersion: Spoil = (trial) => {
  let sequence = 0;
  return showing((node) => {
    sequence += 1;
    return { ...node, version: { ...node.version, sequence } };
  })(trial);
};
const oneVersion = showing((node) => ({ ...node, version: { epoch: "own", sequence: 1 } }));
const empty = calls((call) => (call.op === "select_nodes" ? { ...call, selected: [] } : call));
const blind = calls((call) => (call.read ? { ...call, read: { ...call.read, found: false, node: null } } : call));
const hidden: Spoil = (trial) => blind(empty(trial));
const normalForEver: Spoil = (trial) => changed(trial, (event) => (event.kind === "mode" ? [] : [event]));
const slow = (op: Call["op"]): Spoil => calls((call) => (call.op === op ? { ...call, to: call.from + 1_000 } : call));
const full = alwaysReplies("full", "reserve_job", "dispatch");
const already = alwaysReplies("already", "reserve_job", "dispatch");
const reserved = alwaysReplies("reserved", "reserve_job", "dispatch");

/** Changes the nodes that instances show in their status. */
const sampled =
  (change: (node: NodeContent, instance: number) => NodeContent | readonly NodeContent[]): Spoil =>
  (trial) =>
    changed(trial, (event) => {
      if (event.kind !== "sample") return [event];
      return [{ ...event, nodes: event.nodes.flatMap((node) => change(node, event.instance)) }];
    });

const lies: Readonly<Record<string, Readonly<Record<string, Spoil>>>> = {
  J2: { full, reserved },
  J3: { already, "finished, always": alwaysReplies("finished", "reserve_job") },
  J4: { full },
  D4: { "unknown, always": alwaysReplies("unknown", "complete_job", "release_job") },
  J5: { "unknown, always": alwaysReplies("unknown", "complete_job", "release_job") },
  V3: {
    "one instance goes its own way": sampled((node, instance) => ({
      ...node,
      current_jobs: node.current_jobs + instance,
    })),
    "no node at all": sampled(() => []),
    "nodes that are there as gone": sampled((node) => ({
      ...node,
      status: node.status === "online" ? "expired" : "online",
    })),
  },
  D5: {
    "normal for ever": normalForEver,
    "normal, in each answer": calls((call) => ({
      ...call,
      ...(call.op === "select_nodes" ? { reply: "normal" } : {}),
      ...(call.read ? { read: { ...call.read, mode: "normal" } } : {}),
    })),
  },
  D6: {
    "in doubt, always": (trial) =>
      changed(trial, (event) => [
        event.kind === "call" && event.outcome === "fail" ? { ...event, outcome: "info", reply: "deadline" } : event,
      ]),
  },
  N1: { "renewed, always": alwaysReplies("renewed", "heartbeat") },
  N4: {
    "not online, always": alwaysReplies("not_online", "heartbeat"),
    "unknown, always": alwaysReplies("unknown_node", "heartbeat"),
  },
  V1: { oneVersion, everyVersion, "nothing at all": hidden },
  V2: {
    "a content that no client gave": showing((node) => ({ ...node, max_jobs: node.max_jobs + 1 })),
    "less than nothing": showing((node) => ({ ...node, current_jobs: -1 })),
    backAndForth,
    "views that go back": (trial) =>
      changed(trial, (event) =>
        event.kind === "view" ? [event, { ...event, views: event.views.map(older) }] : [event],
      ),
    "nothing at all": hidden,
  },
  S1: { empty, "each node twice": calls((call) => ({ ...call, ...twice(call) })) },
  D1: { slow: slow("get_node") },
  D2: { "normal for ever": normalForEver },
  D3: { "normal for ever": normalForEver },
  B2: { slow: slow("select_nodes") },
};

function older(view: Version | null): Version | null {
  return view === null ? null : { ...view, sequence: view.sequence - 1 };
}

function twice({ selected }: Call): Partial<Call> {
  return selected === undefined ? {} : { selected: selected.flatMap((node) => [node, node]) };
}

/** Nothing of what one of two instances was asked was taken down. */
const oneInstance: Spoil = (trial) =>
  changed(trial, (event) => (event.kind === "call" && event.instance === 0 ? [] : [event]));

const verdictOf = async (property: PropertyId, spoil: Spoil): Promise<string> =>
  judge(property, spoil(await rightFor(property))).verdict;

describe.each(judged)("of a system with its own keys, the judge of %s", (property) => {
  it("holds a right history", async () => {
    expect(judge(property, await rightFor(property))).toMatchObject({ property, verdict: "held" });
  });

  it("is not exercised by an empty one", async () => {
    expect(await verdictOf(property, nothing)).toBe("not_exercised");
  });

  it.each([
    ["half of the calls", halfOfTheCalls],
    ["the calls of an instance", oneInstance],
  ])("does not hold one without %s", async (_, spoil) => {
    expect(await verdictOf(property, spoil)).not.toBe("held");
  });

  it("does not hold one whose faults were not in force, or for 2 % of their time", async () => {
    for (const spoil of [withoutForce, hardlyInForce]) expect(await verdictOf(property, spoil)).not.toBe("held");
  });

  it.each(Object.entries(lies[property] ?? { none: nothing }))("does not hold one that lies: %s", async (_, lie) => {
    expect(["violated", "not_exercised"]).toContain(await verdictOf(property, lie));
  });
});

describe("a system with keys of its own that lies", () => {
  it("is tried for every property that its clients decide", () => {
    expect(judged.filter((property) => lies[property] === undefined)).toEqual([]);
  });
});
