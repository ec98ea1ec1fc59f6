import { describe, expect, it } from "vitest";
import { answerTo, choiceOf } from "../../../../src/inject/faults/calls/choice.ts";
import { InFlight } from "../../../../src/inject/instances/in-flight.ts";
import { groupCall } from "../../../../src/redis/scripts/group.ts";
import { loadScripts } from "../../../../src/redis/scripts/scripts.ts";
import { encoder, type ScriptCall } from "../../../../src/redis/scripts/wire.ts";

const wire = encoder({ prefix: "lp:", partitions: 1, feedMax: 100 });
const { scripts } = loadScripts();
const place = (node: string, job: string) => ({ partition: 0, node, job });
const release = (node: string, job: string) => wire.releaseJob(place(node, job));
const reserve = (node: string, job: string) => wire.reserveJob({ ...place(node, job), lease: 1, seen: 0 });

/** As the hop sees the call. */
function sent({ args, keys, script }: ScriptCall, how: "EVALSHA" | "EVAL" = "EVALSHA") {
  const { sha, source } = scripts[script];
  return { commands: [[how, how === "EVAL" ? source : sha, String(keys.length), ...keys, ...args]], requests: [] };
}

const group = groupCall([release("n1", "j1"), reserve("n2", "j2"), reserve("n3", "j3")]);

describe("a call in a group is found like one that is made alone", () => {
  it.each(["EVALSHA", "EVAL"] as const)("by its script, the first of them: %s", (how) => {
    const chosen = choiceOf("reserve_job", undefined);
    expect(chosen(sent(group, how))).toEqual({ node: "n2", job: "j2", place: 1 });
    expect(chosen(sent(reserve("n4", "j4"), how))).toEqual({ node: "n4", job: "j4", place: 0 });
    expect(choiceOf("complete_job", undefined)(sent(group, how))).toBeNull();
  });

  it("by the request in flight that it was made for, whatever the others carry", () => {
    const inFlight = new InFlight();
    inFlight.add({ op: "release_job", node: "n1", job: "j1" });
    inFlight.add({ op: "reserve_job", node: "n3", job: "j3" });
    expect(choiceOf("reserve_job", inFlight)(sent(group))).toMatchObject({ node: "n3", job: "j3", place: 2 });
    expect(choiceOf("complete_job", inFlight)(sent(group))).toBeNull();
  });

  it("in one that ends early, as far as it goes", () => {
    const cut = { ...group, args: group.args.slice(0, -1) };
    expect(choiceOf("release_job", undefined)(sent(cut))).toMatchObject({ node: "n1" });
    expect(choiceOf("reserve_job", undefined)(sent({ ...group, args: group.args.slice(0, 5) }))).toBeNull();
  });
});

describe("the answer to a call", () => {
  const version = (sequence: number): string => `00000000000000ab:${sequence}`;
  const answer = (index: number, words: readonly string[]) => answerTo({ node: "n", job: "j", place: index }, words);

  it("is the whole one where it was made alone", () => {
    expect(answer(0, ["reserved", version(1)])).toBe("reserved");
    expect(answer(0, [])).toBe("");
  });

  it("is its own part of a group's, past refusals, incarnations, jobs and counts", () => {
    const words = [
      ...[
        "grouped",
        version(9),
        "renewed",
        version(1),
        "reserved",
        "full",
        "LPARG reserve_job job: found x, allowed y",
      ],
      ...["superseded", version(1), version(7), "finished_unknown", version(1), "3", "completed", version(9)],
    ];
    const found = [0, 1, 2, 3, 4, 5].map((index) => answer(index, words).split(" ")[0]);
    expect(found).toEqual(["renewed", "LPARG", "superseded", "finished_unknown", "completed", ""]);
  });
});
