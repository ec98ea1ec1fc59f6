import { describe, expect, it } from "vitest";
import { judge } from "../../../src/judges/recorded/judges.ts";
import { judgeRecorded } from "../../../src/judges/recorded/run.ts";
import { judgeSequences } from "../../../src/judges/sequences.ts";
import { call, dump, entry, job, node, read, registered, trialOf } from "../trials.ts";

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

  it("is violated by a client that was answered more than the store reached", () => {
    const reported = read(1, 2, { op: "reserve_job", version: { epoch: "e1", sequence: 9 } });
    expect(
      judgeRecorded(judgeSequences, trialOf({ history: [reported], observations: [...feed, dump(3, [])] })).verdict,
    ).toBe("violated");
  });

  it("says nothing of a configuration, whose feed is not followed", () => {
    const stored = call({ op: "put_config", from: 1, to: 2, reply: "stored", version: { epoch: "cfg", sequence: 1 } });
    expect(judge("V1", trialOf({ history: [stored], observations: [...feed, dump(3, [])] }))).toMatchObject({
      verdict: "held",
    });
  });

  it.each([
    ["of an unobserved epoch", { epoch: "e9", sequence: 1 }, "violated"],
    ["of such an epoch after the observer's last look", { epoch: "e9", sequence: 1 }, "unknown", 50],
  ])("is open or violated by a version %s", (_, version, verdict, from = 1) => {
    const reported = call({ op: "reserve_job", node: "n1", from, to: from + 1, reply: "full", version });
    expect(
      judgeRecorded(judgeSequences, trialOf({ history: [reported], observations: [...feed, dump(3, [])] })).verdict,
    ).toBe(verdict);
  });

  it("is not exercised by an empty store", () => {
    expect(judgeRecorded(judgeSequences, trialOf({})).verdict).toBe("not_exercised");
  });
});
