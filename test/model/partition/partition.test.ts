import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { brokenInvariants, stepViolations } from "../../../model/partition/checks/invariants.ts";
import type { NodeChange, Reply } from "../../../model/partition/command.ts";
import { equal } from "../../../model/partition/equal.ts";
import { step } from "../../../model/partition/partition.ts";
import { histories, type Played, play } from "./histories.ts";

/** Every kind there is: a new one fails to compile here. */
const replyKinds: Record<Reply["kind"], true> = {
  invalid: true,
  layout_mismatch: true,
  registered: true,
  superseded: true,
  conflict: true,
  already: true,
  renewed: true,
  offline: true,
  unknown_node: true,
  not_online: true,
  stale: true,
  reserved: true,
  full: true,
  finished: true,
  finished_unknown: true,
  completed: true,
  unknown: true,
  resync: true,
  swept: true,
  changes: true,
  orphans: true,
  acknowledged: true,
  page: true,
};
const changeKinds: Record<NodeChange["kind"], true> = {
  registered: true,
  health: true,
  offline: true,
  expired: true,
  reserved: true,
  completed: true,
  released: true,
  lapsed: true,
  removed: true,
};

/** The reply that a second run of the same call may give instead of the same again (docs/protocol.md, section 5). */
const echoes: Partial<Record<Reply["kind"], Reply["kind"]>> = {
  registered: "already",
  renewed: "already",
  offline: "already",
  reserved: "already",
};

const sampled: readonly Played[] = fc.sample(histories(), { numRuns: 300, seed: 1 }).flatMap(play);

describe("a partition", () => {
  it("keeps every invariant in every state, whatever is asked, lost or begun again", () => {
    fc.assert(
      fc.property(histories(), (history) => {
        for (const { before, command, step: taken } of play(history)) {
          expect(brokenInvariants(taken.state)).toEqual([]);
          expect(stepViolations(before, command, taken)).toEqual([]);
        }
      }),
      { numRuns: 300 },
    );
  });

  it("is never changed in place", () => {
    fc.assert(
      fc.property(histories(), (history) => {
        for (const { before, command, step: taken } of play(history)) {
          const copy = structuredClone(before);
          expect(step(before, command)).toEqual(taken); // the same step again, from what would have been spoilt
          expect(before).toEqual(copy);
        }
      }),
      { numRuns: 50 },
    );
  });

  it.each(Object.keys(replyKinds))("does answer %s in some history", (kind) => {
    expect(sampled.some(({ step: { reply } }) => reply.kind === kind)).toBe(true);
  });

  it.each(Object.keys(changeKinds))("does change %s in some history", (kind) => {
    expect(sampled.some(({ step: { changes } }) => changes.some((change) => change.kind === kind))).toBe(true);
  });

  it.each<[string, (played: Played) => boolean]>([
    [
      "begins a second epoch over nodes with jobs",
      ({ before, step: { state } }) => before.jobs.size > 0 && (state.meta?.epoch ?? 0) > (before.meta?.epoch ?? 0),
    ],
    ["trims the feed", ({ step: { state } }) => (state.meta?.sequence ?? 0) > state.feed.length],
    [
      "orphans a job",
      ({ step: { changes } }) => changes.some((change) => change.kind === "registered" && change.orphaned.length > 0),
    ],
    [
      "forgets a finished job",
      ({ before, step: { state } }) =>
        [...before.done].some(([node, done]) =>
          [...done.keys()].some((job) => state.nodes.has(node) && !state.done.get(node)?.has(job)),
        ),
    ],
  ])("%s in some history", (_, isSo) => {
    expect(sampled.some(isSo)).toBe(true);
  });
});

/** Section 5's limit: a sweep that took their places from as many jobs as it may leaves more to do for the next. */
function metItsBound({ command, step: { changes } }: Played): boolean {
  if (command.kind !== "sweep") return false;
  const lost = changes.flatMap((change) => {
    if (change.kind === "lapsed") return change.jobs;
    return change.kind === "expired" ? change.orphaned : [];
  });
  return lost.length >= command.jobLimit;
}

describe("the same call twice", () => {
  it("changes nothing the second time", () => {
    fc.assert(
      fc.property(histories(), (history) => {
        for (const played of play(history)) {
          if (metItsBound(played)) continue;
          const again = step(played.step.state, played.command);
          expect(again.changes).toEqual([]);
          expect(again.state).toEqual(played.step.state);
        }
      }),
      { numRuns: 200 },
    );
  });

  it("gives an equal reply, or the first one's echo", () => {
    fc.assert(
      fc.property(histories(), (history) => {
        for (const played of play(history)) {
          if (metItsBound(played)) continue;
          const { reply } = played.step;
          const second = step(played.step.state, played.command).reply;
          if (!equal(second, reply)) expect(second).toEqual(echoOf(played));
        }
      }),
      { numRuns: 200 },
    );
  });

  it.each(Object.keys(echoes))("does answer already after %s in some history", (kind) => {
    const first = sampled.filter(({ step: { reply } }) => reply.kind === kind);
    expect(first.length).toBeGreaterThan(0);
    expect(first.every((played) => step(played.step.state, played.command).reply.kind === "already")).toBe(true);
  });
});

function echoOf({ command, step: { reply } }: Played): Reply {
  if (reply.kind === "swept") return { ...reply, expired: [], removed: [], lapsed: [] };
  if (reply.kind === "completed" && command.kind === "release_job") return { kind: "unknown", version: reply.version };
  if (reply.kind === "registered") return { ...reply, kind: "already" };
  const kind = echoes[reply.kind];
  if (kind !== "already" || reply.kind === "invalid") throw new Error(`${command.kind} has no echo of ${reply.kind}`);
  return { kind, version: reply.version };
}
