import { describe, expect, it } from "vitest";
import type { Call, NodeContent, ReadAnswer } from "../../../src/check/history.ts";
import type { Dump, Observation, ObservedChange } from "../../../src/check/observed/observation.ts";
import { judgeOmissions } from "../../../src/judges/selection/omissions.ts";
import {
  call,
  entry,
  faultFrom,
  gone,
  judgedBy,
  node,
  registered,
  seenAt,
  stall,
  trialOf,
  view,
} from "../../check/trials.ts";
import { inSimulation } from "../../simulate/judges/in-simulation.ts";
import { type Asked, offline, register, release, reserve, Stage } from "../../simulate/judges/stage.ts";

function sweep(node: string): Asked {
  return {
    kind: "sweep",
    candidates: [node],
    limit: 10,
    jobLimit: 1_000,
    offset: 0,
    gap: 86_400_000,
    grace: 0,
    retention: 1_000,
  };
}

describe("S2 in simulation", () => {
  /** Nodes n and m, in pool-a, both in the view of instance 0. */
  function shown(): Stage {
    const stage = new Stage(inSimulation(judgeOmissions));
    stage.run(0, register("m"));
    stage.run(1, register());
    stage.view(2, stage.version());
    return stage;
  }

  const stories = (stage: Stage) => stage.finish().violations.map(([first]) => first);

  it("finds all that suit and have room", () => {
    const stage = shown();
    stage.select(3, [stage.content("m"), stage.content()]);
    expect(stage.finish()).toMatchObject({
      violations: [],
      measures: [{ name: "looked_for_in_answers", value: 2 }],
    });
  });

  it("is violated by one that is left out though there was room for more", () => {
    const stage = shown();
    stage.select(3, [stage.content("m")]);
    expect(stories(stage)).toEqual([
      "instance 0 did not select node n, which suits and has room, though only 1 of 4 were found",
    ]);
  });

  it.each(["l2_only", "local_only"] as const)("is violated by one that the view has, in %s too", (mode) => {
    const stage = shown();
    stage.select(3, [stage.content("m")], mode);
    expect(stories(stage)).toHaveLength(1);
  });

  it("is violated where a node that had been full has a place again", () => {
    const stage = shown();
    for (const job of ["a", "b"]) stage.run(3, reserve(job));
    stage.view(4, stage.version());
    stage.select(5, [stage.content("m")]);
    expect(stories(stage)).toEqual([]);
    stage.run(6, release("a"));
    stage.view(7, stage.version());
    stage.select(8, [stage.content("m")]);
    expect(stories(stage)).toHaveLength(1);
  });

  it.each<readonly [string, (stage: Stage) => void]>([
    ["a selection for a pool that it is not in", (stage) => stage.select(3, [], "normal", 0, "pool-b")],
    ["an instance that holds nothing", (stage) => stage.select(3, [], "normal", 1)],
    [
      "a node that has changed since the view was there",
      (stage) => {
        for (const node of ["m", "n"]) stage.run(3, reserve("a", node));
        stage.select(4, []);
      },
    ],
    [
      "a node that is gone",
      (stage) => {
        stage.run(3, offline(stage));
        stage.view(4, stage.version());
        stage.select(5, [stage.content("m")]);
      },
    ],
    [
      "places of its own on the way",
      (stage) => {
        for (const job of ["a", "b"]) stage.settle(3, stage.ask(3, reserve(job)));
        stage.run(4, release("a"));
        stage.select(5, [stage.content("m")]);
      },
    ],
    [
      "an instance that has a call for a place in flight",
      (stage) => {
        stage.called(3, "dispatch");
        stage.select(4, []);
      },
    ],
    [
      "a new life of the instance",
      (stage) => {
        stage.instance(3, "crashed");
        stage.instance(4, "started");
        stage.select(5, []);
      },
    ],
  ])("does not claim anything of %s", (_, happen) => {
    const stage = shown();
    happen(stage);
    expect(stories(stage)).toEqual([]);
  });

  it("claims it again when the call for a place has come back", () => {
    const stage = shown();
    const id = stage.called(3, "dispatch");
    stage.returned({ id, op: "dispatch", from: 3, to: 4, reply: "no_node" });
    stage.select(5, [stage.content("m")]);
    expect(stories(stage)).toHaveLength(1);
  });

  it("is violated by a lookup that finds nothing where the view has it", () => {
    const stage = shown();
    stage.read(3, null, { source: "none", stale: true, mode: "local_only" });
    expect(stories(stage)).toEqual(["instance 0 did not show node n, which its view had"]);
  });

  it.each<readonly [string, (stage: Stage) => void]>([
    ["its own view does not have", (stage) => stage.read(3, null, { instance: 1, source: "none" })],
    [
      "is removed meanwhile",
      (stage) => {
        stage.run(3, offline(stage));
        stage.view(4, stage.version());
        stage.run(2_000, sweep("n"));
        stage.read(2_001, null);
      },
    ],
    [
      "another epoch does not have",
      (stage) => {
        const id = stage.called(3, "get_node");
        stage.promote(4, 2, { ...stage.state(), nodes: new Map() });
        stage.run(4, register("m", "r2"), { server: 2 });
        stage.view(4, stage.version(2));
        const read = { found: false, source: "none", stale: true, age_ms: 0, mode: "normal", node: null };
        stage.returned({ id, op: "get_node", from: 3, to: 5, read });
      },
    ],
  ])("does not claim a node that %s", (_, happen) => {
    const stage = shown();
    happen(stage);
    expect(stories(stage)).toEqual([]);
  });

  it("looks at the view as it was when the selection was asked for", () => {
    const stage = new Stage(inSimulation(judgeOmissions));
    stage.run(1, register());
    const id = stage.called(2, "select_nodes");
    stage.view(2, stage.version());
    const asked = { pool: "pool-a", source: "en", target: "de", services: [], count: 4 };
    stage.returned({ id, op: "select_nodes", from: 2, to: 2, reply: "normal", selected: [], asked });
    expect(stories(stage)).toEqual([]);
  });

  it("claims nothing of a selection that does not say how many it asked for, nor of one that is full", () => {
    for (const count of [undefined, 1]) {
      const stage = shown();
      const id = stage.called(3, "select_nodes");
      const asked = {
        pool: "pool-a",
        source: "en",
        target: "de",
        services: [],
        ...(count === undefined ? {} : { count }),
      };
      const selected = count === undefined ? [] : [stage.content("m")];
      stage.returned({ id, op: "select_nodes", from: 3, to: 3, reply: "normal", selected, asked });
      expect(stories(stage)).toEqual([]);
    }
  });
});

type History = NonNullable<Parameters<typeof trialOf>[0]["history"]>;

/** The bound of staleness is 300 ms: an instance has to know what was so for 600 ms, and the observer may be 250 ms late. */
function select(from: number, selected: readonly NodeContent[] = [], parts: Partial<Call> = {}): Call {
  const asked = { ...wish, count: 4 };
  return call({ op: "select_nodes", from, to: from, reply: "normal", asked, selected, ...parts });
}

const wish = { pool: "p", source: "en", target: "de", services: [] };

function jobs(kind: "reserved" | "released", current_jobs: number, id = "n1"): ObservedChange {
  return { kind, node: id, job: "j", current_jobs };
}

function dump(at: number, sequence: number | null, nodes: readonly NodeContent[] = [], epoch = "e1"): Dump {
  const held = nodes.map((content) => ({ content, heartbeat_seq: -1, jobs: [] }));
  return { kind: "dump", partition: 0, at, version: sequence === null ? null : { epoch, sequence }, nodes: held };
}

const came = seenAt(10, entry(1, registered()));
/** Something of another node, so that the first is known to have been as it was. */
const later = seenAt(5_000, entry(2, registered("n2", "e1:2")));

function judged(history: History, observations: readonly Observation[] = [came, later]) {
  return judgedBy("S2", trialOf({ history, observations }));
}

describe("S2 of a recorded run, a selection that has room for more", () => {
  it("shows every node that has been there for long enough", () => {
    expect(judged([select(611, [node(1)])])).toMatchObject({ exercised: 1, violations: [] });
  });

  it("is blamed where it leaves one out, by name", () => {
    const one = select(611);
    const judgement = judged([one]);
    expect(judgement).toMatchObject({ verdict: "violated", blamed: [[one.id]] });
    expect(judgement.violations).toEqual([
      [
        "instance 0 did not select node n1, which suits and has room, though only 0 of 4 were found",
        "asked at 611 ms in normal for p, en to de; the node had been there since 10 ms; its view was not seen",
      ],
    ]);
    expect(judgement.measures).toEqual([{ name: "looked_for_in_answers", value: 1 }]);
  });

  it("is blamed, while degraded, for what its view was seen to have, and not for what it had to know by time alone", () => {
    const degraded = select(611, [], { reply: "l2_only" });
    expect(judged([view(300, 1), degraded]).violations).toHaveLength(1);
    expect(judged([degraded]).violations).toEqual([]);
  });

  it("is blamed where a node had been full, and has had a place again for long enough", () => {
    const seen = [
      came,
      seenAt(20, entry(2, jobs("reserved", 1))),
      seenAt(30, entry(3, jobs("reserved", 2))),
      seenAt(1_000, entry(4, jobs("released", 1))),
      seenAt(5_000, entry(5, registered("n2", "e1:5"))),
    ];
    expect(judged([select(900), select(1_599)], seen)).toMatchObject({ exercised: 0, violations: [] });
    expect(judged([select(1_601)], seen).violations).toHaveLength(1);
  });

  it("is blamed for what a dump showed", () => {
    const seen = [dump(10, 7, [node(3)]), seenAt(5_000, entry(8, registered("n2", "e1:8")))];
    expect(judged([select(611)], seen).violations).toHaveLength(1);
  });

  it.each<readonly [string, History]>([
    ["it has come only just", [select(609)]],
    [
      "it is full, for no more is looked for",
      [select(611, [node(1, { node: "n9" })], { asked: { ...wish, count: 1 } })],
    ],
    ["it does not say how many it asked for", [select(611, [], { asked: wish })]],
    ["it asked for something else", [select(611, [], { asked: { ...wish, pool: "q", count: 4 } })]],
    ["the instance is degraded", [select(611, [], { reply: "l2_only" })]],
    ["a fault is in force", [...faultFrom(600, 700), select(611)]],
    ["a fault had been in force", [...faultFrom(5, 12), select(611)]],
    [
      "the feed had lost an entry",
      [...faultFrom(-500, -500, { name: "feed_entry_deleted", instance: null }), select(4_000)],
    ],
    ["the process had paused", [stall(100, 20), select(629)]],
    ["the instance had been stopped", [...faultFrom(5, 12, { link: "process" }), select(611)]],
    [
      "the instance may have asked for its last places",
      [
        call({ op: "dispatch", job: "j", from: 600, to: null, outcome: "info", reply: "never returned" }),
        call({ op: "reserve_job", node: "n1", job: "k", from: 20, to: 30, reply: "reserved" }),
        select(611),
      ],
    ],
  ])("is not blamed where %s", (_, history) => {
    expect(judged(history)).toMatchObject({ exercised: 0, violations: [] });
  });

  it.each<readonly [string, History, readonly Observation[]]>([
    ["the observer may be late to see it go", [select(4_751)], [came, seenAt(5_000, entry(2, gone("offline")))]],
    ["the observer saw no more", [select(611)], [came]],
    [
      "the feed was not seen whole",
      [select(611)],
      [came, seenAt(100, entry(3, registered("n2", "e1:3"))), seenAt(5_000, entry(4, gone("removed", "n2")))],
    ],
    [
      "another epoch had begun",
      [select(611)],
      [came, dump(100, 1, [node(1)], "e2"), seenAt(5_000, entry(2, registered("n2", "e2:2"), "e2"))],
    ],
    [
      "the data had been lost",
      [select(611)],
      [came, dump(100, null), seenAt(5_000, entry(1, registered("n2", "e2:1"), "e2"))],
    ],
  ])("is not blamed where %s", (_, history, observations) => {
    expect(judged(history, observations)).toMatchObject({ exercised: 0, violations: [] });
  });

  it("is blamed all the same where places were asked for on another node, or by another instance", () => {
    const other = call({ op: "reserve_job", node: "n9", job: "k", from: 20, to: 30, reply: "reserved" });
    const another = call({ op: "reserve_job", instance: 1, node: "n1", job: "k", from: 20, to: 30, reply: "reserved" });
    expect(judged([other, another, other, select(611)]).violations).toHaveLength(1);
  });
});

describe("S2 of a recorded run, a lookup", () => {
  const lookUp = (from: number, shown: NodeContent | null, parts: Partial<ReadAnswer> = {}, id = "n1") => {
    const read = {
      found: shown !== null,
      source: "l2",
      stale: false,
      age_ms: 0,
      mode: "normal",
      node: shown,
      ...parts,
    };
    return call({ op: "get_node", node: id, from, to: from, read });
  };

  it("shows what has been there for long enough", () => {
    expect(judged([lookUp(611, node(1))])).toMatchObject({ exercised: 1, violations: [] });
  });

  it("is blamed where it finds nothing, wherever it looked", () => {
    for (const source of ["l2", "redis", "miss"]) {
      expect(judged([lookUp(611, null, { source })]).violations[0]).toEqual([
        "instance 0 did not show node n1, which had been there for 601 ms",
        `asked at 611 ms, answered from ${source}, stale: false, mode normal; its view was not seen`,
      ]);
    }
  });

  it.each([
    ["it is about another node", lookUp(611, null, {}, "n7")],
    ["it was not confirmed", lookUp(611, null, { stale: true })],
    ["the instance is degraded", lookUp(611, null, { mode: "l2_only" })],
    ["the node has come only just", lookUp(609, null)],
  ])("is not blamed where %s", (_, one) => {
    expect(judged([one])).toMatchObject({ exercised: 0, violations: [] });
  });

  it("is blamed where it does not show what the view was seen to have, in whatever mode, until a new life of the instance", () => {
    const blind = lookUp(300, null, { mode: "local_only" });
    const killed = faultFrom(100, 200, { link: "process" });
    expect(judged([view(20, 1), blind]).violations).toHaveLength(1);
    expect(judged([view(20, 1), ...killed, blind]).violations).toEqual([]);
    expect(judged([view(20, 0), blind]).violations).toEqual([]);
  });

  it("is not blamed for what may have changed by then, seen a little later", () => {
    const left = seenAt(500, entry(2, gone("removed")));
    expect(judged([view(20, 1), lookUp(300, null)], [came, left, later]).violations).toEqual([]);
    expect(judged([view(20, 1), lookUp(200, null)], [came, left, later]).violations).toHaveLength(1);
  });
});
