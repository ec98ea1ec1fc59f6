import { describe, expect, it } from "vitest";
import type { Wish } from "../../../src/check/history.ts";
import { offline, register, release, reserve, type Stage } from "../../simulate/judges/stage.ts";
import { ask, asked, begin, end, fill, found, staged } from "./dispatch-stage.ts";

describe("S5, of nodes that are asked again", () => {
  it("is violated where one node is asked for a place more than twice in one dispatch, whatever became of it", () => {
    const stage = staged();
    const id = begin(stage, 10);
    for (const at of [10, 20]) stage.settle(at + 5, stage.send(at, reserve("a", "n", 60_000)), "deadline");
    expect(stage.finish()).toMatchObject({ verdict: "held", exercised: 2 });
    stage.send(30, reserve("a", "n", 60_000));
    expect(found(stage)).toEqual([expect.stringMatching(/asked node n for a place for job a 3 times in one dispatch/)]);
    end(stage, id, 40, { outcome: "info", reply: "deadline" });
  });

  const sent = (stage: Stage, at: number): number => stage.send(at, reserve("a", "n", 60_000));

  it.each<readonly [string, (stage: Stage) => void, (stage: Stage, at: number) => void]>([
    ["it was full", (stage) => fill(stage, 9), ask],
    ["it was not online", (stage) => stage.run(9, offline(stage)), ask],
    ["it had given a place", () => undefined, ask],
    ["it has not answered yet", () => undefined, sent],
  ])("is violated by a second request where %s", (_, before, asks) => {
    const stage = staged();
    begin(stage, 10);
    before(stage);
    asks(stage, 10);
    stage.send(12, reserve("a", "n", 60_000));
    expect(found(stage)).toEqual([
      expect.stringMatching(/for job a again, allowed only where the outcome of the first/),
    ]);
  });

  it.each(["deadline", "disconnected"] as const)("allows a second request after %s", (outcome) => {
    const stage = staged();
    begin(stage, 10);
    stage.settle(11, stage.send(10, reserve("a", "n", 60_000)), outcome);
    ask(stage, 12);
    expect(found(stage)).toEqual([]);
  });

  it("counts those of a call that joins a dispatch as the dispatch's own, and begins anew after it", () => {
    const stage = staged();
    fill(stage, 9);
    const id = begin(stage, 10);
    ask(stage, 10);
    begin(stage, 11);
    stage.send(12, reserve("a", "n", 60_000));
    expect(found(stage)).toHaveLength(1);
    const other = staged();
    fill(other, 9);
    const first = begin(other, 10);
    ask(other, 10);
    ask(other, 11, "m");
    end(other, first, 12, { reply: "reserved", node: "m" });
    begin(other, 20);
    ask(other, 20, "m");
    expect(found(other)).toEqual([]);
    expect(id).toBe(first);
  });

  it("claims nothing of an answer of another epoch than the instance follows", () => {
    const stage = staged();
    fill(stage, 9);
    begin(stage, 10);
    const request = stage.ask(10, reserve("a", "n", 60_000));
    stage.promote(11, 2, stage.state());
    stage.run(11, register("n", "r2"), { server: 2 });
    stage.settle(12, request);
    stage.send(13, reserve("a", "n", 60_000));
    expect(found(stage)).toEqual([]);
  });

  it("is violated where another node is asked once one has the job", () => {
    const stage = staged();
    begin(stage, 10);
    ask(stage, 10);
    stage.send(11, reserve("a", "m", 60_000));
    expect(found(stage)).toEqual([
      "instance 0 asked node m for a place for job a, allowed none after node n had answered reserved",
    ]);
  });

  it("is not exercised by a place that a client asks for by the node's name", () => {
    const stage = staged();
    for (const at of [10, 20, 30]) stage.send(at, reserve("a"));
    expect(stage.finish().verdict).toBe("not_exercised");
  });
});

describe("S5, of a dispatch that finds no node", () => {
  const inVain =
    /^dispatch of job a on instance 0 found no node, though node m suits and had room, allowed only once 5 nodes/;

  it("is violated where the next one had room", () => {
    const stage = staged();
    fill(stage, 9);
    const id = begin(stage, 10);
    ask(stage, 10);
    end(stage, id, 11);
    expect(found(stage)).toEqual([expect.stringMatching(inVain)]);
  });

  it("is violated where it asked none", () => {
    const stage = staged();
    end(stage, begin(stage, 10), 10);
    expect(found(stage)).toHaveLength(1);
  });

  it.each([
    [1, 1],
    [2, 0],
  ])("with %i other dispatches, begun before it chose, is %i violations", (others, violations) => {
    const stage = staged();
    fill(stage, 9);
    const id = begin(stage, 10);
    for (let other = 0; other < others; other += 1) stage.called(10, "dispatch", 0, { job: `other-${other}`, asked });
    ask(stage, 10);
    end(stage, id, 11, { node: undefined });
    expect(found(stage)).toEqual(violations ? [expect.stringMatching(inVain)] : []);
  });

  it.each([
    [1, 1],
    [2, 0],
  ])("with %i others that asked the node meanwhile, and came to another, is %i violations", (others, violations) => {
    const stage = staged();
    fill(stage, 9);
    const id = begin(stage, 10);
    const request = stage.ask(10, reserve("a", "n", 60_000));
    for (let other = 0; other < others; other += 1) {
      const job = `other-${other}`;
      const call = stage.called(12, "dispatch", 0, { job, asked });
      stage.settle(14, stage.send(12, reserve(job, "m", 60_000)), "disconnected");
      stage.returned({ id: call, op: "dispatch", job, from: 12, to: 15, reply: "reserved", node: "k" });
    }
    stage.settle(16, request);
    end(stage, id, 16, { node: undefined });
    expect(found(stage).filter((text) => inVain.test(text ?? ""))).toHaveLength(violations);
  });

  it.each<readonly [string, Wish, readonly string[]]>([
    ["all have refused", asked, ["n", "m"]],
    ["its attempts are used", { ...asked, attempts: 1 }, ["n"]],
    ["no other suits", { ...asked, pool: "pool-b" }, []],
  ])("holds where %s", (_, wish, nodes) => {
    const stage = staged();
    for (const node of nodes) fill(stage, 9, node);
    const id = begin(stage, 10, wish);
    for (const node of nodes) ask(stage, 10, node);
    end(stage, id, 11);
    expect(found(stage)).toEqual([]);
  });

  it.each([
    ["keeps its view", 1],
    ["adopts another epoch", 0],
  ])("and %s while it waits for the node of an earlier try, has %i violations", (how, violations) => {
    const stage = staged();
    const aborted = begin(stage, 10);
    stage.send(10, reserve("a", "n", 60_000));
    end(stage, aborted, 12, { outcome: "info", reply: "aborted", aborted: 12, node: "n" });
    stage.run(50, offline(stage));
    const id = begin(stage, 70);
    const request = stage.ask(70, reserve("a", "n", 60_000));
    if (how === "adopts another epoch") {
      stage.promote(71, 2, stage.state());
      stage.run(71, register("o"), { server: 2 });
      stage.view(72, stage.version(2));
    }
    stage.settle(75, request);
    end(stage, id, 75, { from: 70 });
    expect(found(stage)).toEqual(violations ? [expect.stringMatching(inVain)] : []);
  });

  it.each([
    ["has not come to the answer, as it chose", 51, 9, 0],
    ["has not come to the answer, which was late", 51, 45, 0],
    ["has", 9, 9, 1],
  ])(
    "a place that a second reserve found counts as another one until the view %s: %#",
    (_, seenAt, answeredAt, violations) => {
      const stage = staged();
      fill(stage, 1);
      stage.run(2, reserve("x", "m"));
      stage.view(3, stage.version());
      stage.run(4, register("o"));
      const again = stage.ask(5, reserve("x", "m", 60_000));
      const before = stage.version();
      if (seenAt < 50) stage.view(seenAt, before);
      stage.settle(answeredAt, again);
      const id = begin(stage, 50);
      ask(stage, 50);
      if (seenAt > 50) stage.view(seenAt, before);
      end(stage, id, 52, { from: 50, node: undefined });
      expect(found(stage)).toEqual(violations ? [expect.stringMatching(inVain)] : []);
    },
  );

  it("is violated where more nodes are tried than it may", () => {
    const stage = staged();
    fill(stage, 9);
    begin(stage, 10, { ...asked, attempts: 1 });
    ask(stage, 10);
    ask(stage, 11, "m");
    expect(found(stage)).toEqual(["instance 0 asked 2 nodes for a place for job a in one dispatch, allowed 1"]);
  });

  it("counts nodes that have refused after all, and is violated where one had not", () => {
    const stage = staged();
    for (const node of ["n", "m"]) fill(stage, 9, node);
    const id = begin(stage, 10);
    stage.settle(11, stage.send(10, reserve("a", "n", 60_000)), "deadline");
    for (const node of ["n", "m"]) ask(stage, 12, node);
    end(stage, id, 13);
    expect(found(stage)).toEqual([]);
    const other = staged();
    const second = begin(other, 10);
    ask(other, 10);
    end(other, second, 11);
    expect(found(other)).toEqual([
      "dispatch of job a on instance 0 was answered no_node, though node n had answered reserved, allowed what the last node answered",
    ]);
  });
});

describe("S5, of the answer", () => {
  it.each([
    ["reserved", 0],
    ["already", 0],
    ["finished", 1],
  ])(
    "may be that of a second run, where the network has repeated the request: %s, %i violations",
    (reply, violations) => {
      const stage = staged();
      const id = begin(stage, 10);
      const request = stage.ask(10, reserve("a", "n", 60_000));
      stage.run(10, reserve("a", "n", 60_000), { request });
      stage.settle(11, request);
      end(stage, id, 11, { reply, node: "n" });
      expect(found(stage)).toHaveLength(violations);
    },
  );

  it.each(["reserved", "already", "finished"])("is violated by %s where no node has answered that", (reply) => {
    const stage = staged();
    fill(stage, 9);
    const id = begin(stage, 10);
    ask(stage, 10);
    end(stage, id, 11, { reply, node: "n" });
    expect(found(stage)).toEqual([
      expect.stringMatching(/though node n had answered full, allowed what the last node/),
    ]);
  });

  it("is violated by a failure where no request has failed, long after the last fault", () => {
    for (const [parts, violations] of [
      [{ outcome: "fail", reply: "disconnected" }, 1],
      [{ outcome: "fail", reply: "overloaded" }, 0],
      [{ outcome: "fail", reply: "threw InvalidInputError: job" }, 0],
    ] as const) {
      const stage = staged();
      stage.mode(1, "local_only", "normal");
      const id = begin(stage, 1_000);
      end(stage, id, 1_000, { from: 1_000, ...parts });
      expect(found(stage)).toHaveLength(violations);
    }
    const troubled = staged();
    troubled.mode(1, "local_only", "normal");
    troubled.fault(900, "inject");
    troubled.fault(950, "heal");
    end(troubled, begin(troubled, 1_000), 1_000, { from: 1_000, outcome: "fail", reply: "disconnected" });
    expect(found(troubled)).toEqual([]);
  });
});

describe("S5, of a node that has finished more jobs than the instance knew", () => {
  /** The node remembers the last of two. */
  function forget(stage: Stage, at: number): void {
    for (const job of ["x", "y"]) {
      stage.run(at, reserve(job));
      stage.run(at, { kind: "complete_job", node: "n", job, doneFor: 600_000, doneMax: 1 });
    }
  }

  it.each([
    ["may fail as it is asked anew, in a degraded mode", "l2_only", 1, []],
    ["may not, in normal", "normal", 1, [/answered disconnected, though no request had failed/]],
    ["may not once it has answered so twice", "l2_only", 2, [/though node n had answered finished_unknown/]],
  ] as const)("%s", (_, mode, asks, expected) => {
    const stage = staged();
    forget(stage, 1);
    stage.mode(2, "local_only", "normal");
    if (mode !== "normal") stage.mode(999, "normal", mode);
    const id = begin(stage, 1_000);
    for (let index = 0; index < asks; index += 1) ask(stage, 1_000 + index);
    end(stage, id, 1_010, { from: 1_000, outcome: "fail", reply: "disconnected", node: "n" });
    expect(found(stage)).toEqual(expected.map((text) => expect.stringMatching(text)));
  });
});

describe("S5, of the lease", () => {
  it.each<readonly [number | undefined, number, number]>([
    [undefined, 60_000, 0],
    [undefined, 1_000, 1],
    [1_000, 1_000, 0],
    [1_000, 60_000, 1],
  ])("given %s, a request for %s ms is %s violations", (lease, requested, violations) => {
    const stage = staged();
    begin(stage, 10, lease === undefined ? asked : { ...asked, lease });
    ask(stage, 10, "n", requested);
    expect(found(stage)).toHaveLength(violations);
  });
});

describe("S5, of a place that was lost before its dispatch was given up", () => {
  it.each<readonly [string, (stage: Stage, request: number) => void]>([
    ["aborted", (stage, request) => stage.settle(13, request)],
    ["timed out", (stage, request) => stage.settle(12, request, "deadline")],
  ])("nothing is open after it was %s", (how, settle) => {
    const stage = staged();
    const id = begin(stage, 10);
    const request = stage.ask(10, reserve("a", "n", 60_000));
    stage.run(11, register("n", "r2"));
    if (how === "aborted") end(stage, id, 12, { outcome: "info", reply: "aborted", aborted: 12, node: "n" });
    settle(stage, request);
    begin(stage, 70);
    stage.send(70, reserve("a", "m", 60_000));
    expect(found(stage)).toEqual([]);
  });
});

describe("S5, of a reserve that may have happened", () => {
  /** Job a may have a place on node n. */
  function open(): Stage {
    const stage = staged();
    const id = begin(stage, 1);
    stage.settle(15, stage.ask(1, reserve("a", "n", 60_000)), "deadline");
    stage.settle(31, stage.ask(15, reserve("a", "n", 60_000)), "deadline");
    end(stage, id, 31, { outcome: "info", reply: "deadline", node: "n" });
    return stage;
  }

  it.each([
    ["completed", 0],
    ["unknown", 1],
  ])("and another node is asked after an end was answered %s, is %i violations", (reply, violations) => {
    const stage = open();
    const call = stage.called(32, "complete_job", 0, { job: "a" });
    stage.returned({ id: call, op: "complete_job", job: "a", node: "n", from: 32, to: 33, reply });
    begin(stage, 34);
    ask(stage, 34, "m");
    expect(found(stage)).toHaveLength(violations);
  });

  it("is violated where another node is tried before it is known what became of the first", () => {
    const stage = open();
    begin(stage, 32);
    ask(stage, 32, "m");
    expect(found(stage)[0]).toBe(
      "job a was asked a place for on node m while it may have one on node n, allowed only once that is settled",
    );
  });

  it.each<readonly [string, (stage: Stage) => unknown]>([
    ["it was answered after all", (stage) => ask(stage, 32)],
    ["the place has been given up", (stage) => stage.run(33, release("a"))],
    ["the node has registered anew", (stage) => stage.run(33, register("n", "r2"))],
    ["the instance has a new life", (stage) => stage.instance(33, "crashed")],
  ])("holds where another node is tried when %s", (_, settle) => {
    const stage = open();
    settle(stage);
    begin(stage, 34);
    stage.ask(34, reserve("a", "m", 60_000));
    expect(found(stage)).toEqual([]);
  });

  it("is violated where the node has registered anew and the reserve may still come", () => {
    const stage = staged();
    begin(stage, 1);
    stage.settle(31, stage.send(1, reserve("a", "n", 60_000)), "deadline");
    stage.run(33, register("n", "r2"));
    stage.ask(34, reserve("a", "m", 60_000));
    expect(stage.finish().verdict).toBe("violated");
  });
});
