/** A registration ends the incarnation that its sender knew, and no other: part of N1. */
import { describe, expect, it } from "vitest";
import { judgeLateHeartbeats } from "../../../src/judges/late-heartbeats.ts";
import { judgeRecorded } from "../../../src/judges/recorded/run.ts";
import { epochText } from "../../../src/simulate/servers/epoch-text.ts";
import { call, dump, entry, node, registered, seenAt, trialOf } from "../../check/trials.ts";
import { inSimulation } from "../../simulate/judges/in-simulation.ts";
import { register, Stage } from "../../simulate/judges/stage.ts";

const text = (sequence: number) => `${epochText(1)}:${sequence}`;

describe("N1 of registrations in simulation", () => {
  /** Two are sent; the second arrives first, and then the first. @param checked whether the store compares */
  function overtaken(checked: boolean) {
    const stage = new Stage(inSimulation(judgeLateHeartbeats));
    stage.ask(1, register("n", "r0"));
    const expected = stage.incarnation();
    const first = stage.send(2, { ...register("n", "r1"), expected }, 1);
    stage.ask(3, { ...register("n", "r2"), expected });
    stage.run(9, checked ? { ...register("n", "r1"), expected } : register("n", "r1"), { instance: 1, request: first });
    return stage.finish();
  }

  it("is violated where one that was overtaken ends the incarnation of the later one", () => {
    const { verdict, violations } = overtaken(false);
    expect(verdict).toBe("violated");
    expect(violations).toEqual([
      [
        `a registration of node n ended the incarnation ${text(2)}, which began at 3 ms, allowed is one that was sent since`,
        `it was sent at 2 ms; epoch ${epochText(1)}, ${text(3)} since 9 ms`,
      ],
    ]);
  });

  it("is not where it is refused, or was sent since", () => {
    expect(overtaken(true).violations).toEqual([]);
    const stage = new Stage(inSimulation(judgeLateHeartbeats));
    for (const [at, token] of [1, 2, 3].map((each) => [each, `r${each}`] as const)) stage.ask(at, register("n", token));
    expect(stage.finish().violations).toEqual([]);
  });

  it("is violated by one that replaces what its client did not name", () => {
    for (const [named, isRight] of [
      [text(1), true],
      [text(9), false],
      [null, false],
    ] as const) {
      const stage = new Stage(inSimulation(judgeLateHeartbeats));
      stage.ask(1, register("n", "r1"));
      stage.ask(2, register("n", "r2"));
      const answer = { reply: "registered", incarnation: text(2), version: stage.version() } as const;
      stage.returned({ op: "register_node", from: 1.5, to: 3, expected: named, ...answer });
      const found = isRight
        ? []
        : [
            expect.stringContaining(
              `replaced ${text(1)}, allowed is what its client named: ${named === null ? "none" : named}`,
            ),
          ];
      expect(stage.finish().violations.map(([first]) => first)).toEqual(found);
    }
  });
});

describe("N1 of registrations in a recorded run", () => {
  const version = (sequence: number) => ({ epoch: "e1", sequence });
  const observations = [
    dump(0, []),
    seenAt(10, entry(1, registered("n1", "e1:1"))),
    seenAt(40, entry(2, registered("n1", "e1:2"))),
    seenAt(90, dump(2, [[node(2, { incarnation: "e1:2" }), []]])),
  ];
  const began = (sequence: number, from: number, to: number, more = {}) =>
    call({
      ...{ op: "register_node", node: "n1", from, to, reply: "registered", version: version(sequence) },
      ...{ incarnation: `e1:${sequence}`, ...more },
    });
  const unanswered = (from: number, to: number | null) =>
    call({ op: "register_node", node: "n1", from, to, outcome: "info", reply: "deadline" });
  const judged = (...history: Parameters<typeof trialOf>[0]["history"] & object) =>
    judgeRecorded(judgeLateHeartbeats, trialOf({ history, observations })).violations;

  it("is violated where only a call that its client had given up before can have made the change", () => {
    expect(judged(unanswered(-400, -390), began(1, 8, 10))[0]?.[0]).toBe(
      "a registration of node n1 ended the incarnation e1:1, which began at -240 ms, allowed is one that was sent since",
    );
  });

  it.each([
    ["its own call was answered", [unanswered(-400, -390), began(1, 8, 10), began(2, 30, 40)]],
    ["another one may have made it", [unanswered(-400, -390), unanswered(20, 24), began(1, 8, 10)]],
    ["its call was still waiting", [unanswered(1, null), began(1, 8, 10)]],
    ["none is known that may have made it", [began(1, 8, 10)]],
  ])("is not where %s", (_, history) => {
    expect(judged(...history)).toEqual([]);
  });

  it("is violated by one that replaced what its client did not name, whichever is seen first", () => {
    expect(judged(began(1, 8, 10), began(2, 30, 41, { expected: "e1:1" }))).toEqual([]);
    for (const to of [35, 41]) {
      expect(judged(began(1, 8, 10), began(2, 30, to, { expected: null }))[0]?.[0]).toBe(
        "a registration of node n1 replaced e1:1, allowed is what its client named: none",
      );
    }
  });
});
