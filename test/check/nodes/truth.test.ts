import { describe, expect, it } from "vitest";
import { judgeConvergence } from "../../../src/check/convergence.ts";
import type { NodeContent } from "../../../src/check/history.ts";
import { dumpsOf } from "../../../src/check/observed/observation.ts";
import { judge } from "../../../src/judges/recorded/judges.ts";
import { judgeRecorded } from "../../../src/judges/recorded/run.ts";
import { judgeSequences } from "../../../src/judges/sequences.ts";
import { call, dump, entry, job, node, read, registered, seenAt, trialOf } from "../trials.ts";

const feed = [entry(1, registered()), entry(2, job("reserved", "a", 1)), entry(3, job("completed", "a", 0))];
const second = [entry(1, registered("n1", "e2:1"), "e2")];

describe("V1", () => {
  it("holds for a feed without gaps", () => {
    const observations = [...feed, dump(3, [[node(3), []]]), ...second];
    expect(judgeRecorded(judgeSequences, trialOf({ observations }))).toMatchObject({ verdict: "held", exercised: 4 });
  });

  it("is open, whatever it looks like, where the observer says what it overlooked", () => {
    const observations = [feed[0], feed[2]].filter((one) => one !== undefined);
    expect(judge("V1", trialOf({ observations }))).toMatchObject({ verdict: "violated" });
    const overlooked = { kind: "overlooked", at: 1, partition: 0, epoch: "e1", from: 2, to: 2 } as const;
    const open = judge("V1", trialOf({ history: [overlooked], observations }));
    expect(open).toMatchObject({ verdict: "unknown", violations: [] });
    expect(open.reason).toContain("entries 2 to 2 of partition 0");
    expect(judge("V1", trialOf({ history: [overlooked] }))).toMatchObject({ verdict: "not_exercised" });
  });

  it.each([
    ["a gap in the feed", [feed[0], feed[2]]],
    ["a sequence that came twice", [feed[0], feed[1], feed[1]]],
    ["a version without its entry", [feed[0], dump(2, [[node(2), []]])]],
    ["an epoch that came back", [...feed, ...second, entry(1, registered())]],
  ])("is violated by %s", (_what, observations) => {
    const seen = observations.filter((one) => one !== undefined);
    expect(judgeRecorded(judgeSequences, trialOf({ observations: seen })).verdict).toBe("violated");
  });

  it("is violated by a client that was told more than the store reached", () => {
    const told = read(1, 2, { op: "reserve_job", version: { epoch: "e1", sequence: 9 } });
    expect(
      judgeRecorded(judgeSequences, trialOf({ history: [told], observations: [...feed, dump(3, [])] })).verdict,
    ).toBe("violated");
  });

  it("says nothing of a configuration, whose feed nobody follows", () => {
    const stored = call({ op: "put_config", from: 1, to: 2, reply: "stored", version: { epoch: "cfg", sequence: 1 } });
    expect(judge("V1", trialOf({ history: [stored], observations: [...feed, dump(3, [])] }))).toMatchObject({
      verdict: "held",
    });
  });

  it.each([
    ["of an epoch that nobody saw", { epoch: "e9", sequence: 1 }, "violated"],
    ["of such an epoch after the observer's last look", { epoch: "e9", sequence: 1 }, "unknown", 50],
  ])("is open or violated by a version %s", (_, version, verdict, from = 1) => {
    const told = call({ op: "reserve_job", node: "n1", from, to: from + 1, reply: "full", version });
    expect(
      judgeRecorded(judgeSequences, trialOf({ history: [told], observations: [...feed, dump(3, [])] })).verdict,
    ).toBe(verdict);
  });

  it("is not exercised by an empty store", () => {
    expect(judgeRecorded(judgeSequences, trialOf({})).verdict).toBe("not_exercised");
  });
});

describe("V3", () => {
  const phases = [
    { kind: "phase", at: 90, name: "healed" },
    { kind: "phase", at: 100, name: "quiet" },
  ] as const;
  const held = [...feed, dump(3, [[node(3), []]])];
  const sample = (at: number, sequence: number, nodes: readonly NodeContent[]) =>
    ({ kind: "sample", at, instance: 0, mode: "normal", views: [{ epoch: "e1", sequence }], nodes }) as const;

  it("holds from the first sample on that equals the store for good", () => {
    const history = [...phases, sample(110, 2, [node(2)]), sample(300, 3, [node(3)]), sample(320, 3, [node(3)])];
    const judged = judgeConvergence(trialOf({ history, observations: held }));
    expect(judged).toMatchObject({ verdict: "held", exercised: 1 });
    expect(judged.measures).toContainEqual({ name: "time_to_convergence_ms_max", value: 200, threshold: 500 });
  });

  it.each([
    ["it comes too late", [sample(110, 2, []), sample(601, 3, [node(3)])]],
    ["the version stays behind", [sample(110, 2, [node(3)])]],
    ["the content differs at the same version", [sample(110, 3, [node(3, { current_jobs: 1 })])]],
    ["a node is missing", [sample(110, 3, [])]],
    ["a node is still there that the store has removed", [sample(110, 3, [node(3), node(2, { node: "n2" })])]],
    [
      "the view stays in an epoch that was left",
      [{ ...sample(110, 3, [node(3)]), views: [{ epoch: "e0", sequence: 3 }] }],
    ],
    ["it is lost again", [sample(110, 3, [node(3)]), sample(700, 2, [node(3)])]],
  ])("is violated when %s", (_what, samples) => {
    const observations = [...held, ...dumpsOf(held).map((one) => seenAt(710, one))];
    expect(judgeConvergence(trialOf({ history: [...phases, ...samples], observations })).verdict).toBe("violated");
  });

  it("is unknown where the view is at what nobody looked at any more", () => {
    const beyond = { ...sample(110, 3, [node(3)]), views: [{ epoch: "e1", sequence: 9 }] };
    expect(judgeConvergence(trialOf({ history: [...phases, beyond], observations: held }))).toMatchObject({
      verdict: "unknown",
      cause: "unobserved",
    });
  });

  it("is not exercised where nothing was looked at", () => {
    expect(judgeConvergence(trialOf({ history: phases, observations: held })).verdict).toBe("not_exercised");
  });
});
