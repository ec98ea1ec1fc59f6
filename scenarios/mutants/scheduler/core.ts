/**
 * Mutants of the scheduler that a few steps on virtual time show: each changes one place. `check` names the short history in
 * test/scheduler/support/planted-checks.ts that kills it. The simulator has to find them by itself.
 */

import type { SchedulerMutant } from "./mutant.ts";
import missMarkKept from "./reading/miss-mark-kept.ts";
import noJitter from "./reading/no-jitter.ts";

export interface CoreMutant extends SchedulerMutant {
  /** The history that kills it in the scheduler's own tests. */
  readonly check: string;
}

interface InCore extends Omit<CoreMutant, "edits" | "scenario" | "simulated" | "unseen"> {
  readonly edit: CoreMutant["edits"][number];
  /** Where one place is not enough. */
  readonly also?: CoreMutant["edits"][number];
  /** The scenario with seeds that show it in simulation, or why none does; and the one that shows it on real servers, if any is known to. */
  readonly shownBy?: Pick<SchedulerMutant, "scenario" | "simulated" | "unseen">;
}

function mutant({ also, edit, shownBy = { simulated: "random-nemesis" }, ...fields }: InCore): CoreMutant {
  return { ...fields, edits: also === undefined ? [edit] : [edit, also], ...shownBy };
}

const inClose = { simulated: "close-quarters" } as const;
const inSlow = { simulated: "redis-slow" } as const;

export const coreMutants: readonly CoreMutant[] = [
  { ...missMarkKept, check: "a node that was missed registers" },
  { ...noJitter, check: "many nodes register at once" },
  mutant({
    id: "stale-overwrite",
    property: "V2",
    check: "a page overtaken by the feed",
    origin: "a reply is taken for newer because it came later",
    edit: {
      file: "reading/reads.ts",
      find: `order === "older" ? null : (page.nodes[0] ?? null)`,
      replace: `(page.nodes[0] ?? null)`,
    },
    shownBy: {
      simulated: null,
      unseen: `no page is older than its view, since calls go over one connection, in order, and another server begins another epoch. The scheduler's own tests kill it: "a page overtaken by the feed"`,
    },
  }),
  mutant({
    id: "epoch-re-entered",
    property: "V1",
    check: "a former primary answers again",
    origin: "any epoch but the current one counts as new, so an instance goes back to a past that was lost",
    edit: {
      file: "view/epochs.ts",
      find: "    this.#abandoned.add(epoch);",
      replace: "    if (epoch === beforeAll.epoch) this.#abandoned.add(epoch);",
    },
    also: {
      file: "view/epochs.ts",
      find: '    this.#abandon(epoch);\n    return "abandoned";',
      replace: '    return "unknown";',
    },
    shownBy: { simulated: "former-primary" },
  }),
  mutant({
    id: "hole-applied",
    property: "V2",
    check: "an answer with a hole in it",
    origin: "changes are applied whether or not they are next in sequence",
    edit: {
      file: "view/view.ts",
      find: `    if (sequence !== this.#sequence + 1) return { kind: "gap" };\n`,
      replace: "",
    },
    shownBy: { simulated: "hole-in-the-feed" },
  }),
  mutant({
    id: "no-poll",
    property: "V4",
    check: "wake-ups are lost",
    origin: "an open subscription is trusted to deliver every message",
    edit: {
      file: "following/follower.ts",
      find: 'await this.#changes("changes_since", size.of(settings.changesLimit))',
      replace: `await this.#changes("changes_since", {
      limit: this.#announcements.furthest(this.#view.version) > this.#view.version.sequence ? settings.changesLimit : 0,
    })`,
    },
  }),
  mutant({
    id: "unbounded-retry",
    property: "S5",
    check: "every reply of a reserve is lost",
    origin: "the call is repeated until its outcome is known",
    edit: {
      file: "selection/dispatch.ts",
      find: `    if (isFailure(again)) return { ...again, applied: "unknown" };`,
      replace: `    if (isAmbiguous(again)) return this.#reserve(node, job, urgent, options);
    if (isFailure(again)) return { ...again, applied: "unknown" };`,
    },
    shownBy: inSlow,
  }),
  mutant({
    id: "flapping-mode",
    property: "D5",
    check: "a store that comes and goes",
    origin: "the first answer counts as healed",
    edit: {
      file: "mode/mode.ts",
      find: "  return relapses === 0 ? 0 : Math.min(dwellMax, dwell * 2 ** Math.min(relapses - 1, 30));",
      replace: "  return 0 * relapses * dwell * dwellMax;",
    },
    shownBy: inClose,
  }),
  mutant({
    id: "blocked-read",
    property: "D5",
    check: "a read in local_only",
    origin: "whatever the mode, the store is asked first",
    edit: {
      file: "reading/reads.ts",
      find: "    return mode.isNormal ? null : held(node, follower);",
      replace: "    return mode.isNormal || !mode.isNormal ? null : held(node, follower);",
    },
  }),
  mutant({
    id: "herd",
    property: "S3",
    check: "twenty instances select",
    origin: "nothing is drawn: every instance compares the same two",
    edit: {
      file: "view/candidate-bucket.ts",
      find: "Math.floor((random.nextUint32() / 0x1_0000_0000) * (seats.length - at));",
      replace: "Math.floor((random.nextUint32() / 0x1_0000_0000) * 0);",
    },
    shownBy: { simulated: "avalanche" },
  }),
  mutant({
    id: "second-node-after-ambiguity",
    property: "L1",
    check: "every reply of a reserve is lost",
    origin: "a reserve without an answer is taken for one that did not happen",
    edit: {
      file: "selection/dispatch.ts",
      find: `      return { ...answer, applied: mayBeThere ? "unknown" : "no", node };`,
      replace: `      if (mayBeThere) return null;
      return { ...answer, applied: mayBeThere ? "unknown" : "no", node };`,
    },
    shownBy: inSlow,
  }),
  mutant({
    id: "index-not-updated",
    property: "S1",
    check: "a node leaves a pool",
    origin: "the node's record is updated, its place in the index is not",
    edit: {
      file: "view/node-index.ts",
      find: "a.pools === b.pools && a.languages === b.languages && a.services === b.services;",
      replace: "a.status === b.status;",
    },
  }),
  mutant({
    id: "index-keeps-the-gone",
    property: "N2",
    check: "a node goes offline",
    origin: "only changed nodes are indexed anew, removed ones stay",
    edit: {
      file: "view/node-index.ts",
      find: "    for (const seat of seats) seat.bucket.leave(seat);",
      replace: "    if (seats.length < 0) for (const seat of seats) seat.bucket.leave(seat);",
    },
  }),
  mutant({
    id: "lease-not-renewed",
    property: "J5",
    check: "a job that runs longer than its lease",
    origin: "the heartbeat does not name the running jobs",
    edit: {
      file: "writing/writes.ts",
      find: "const message = { ...sender, chunk, ttl: this.#ttl(), lease, health_milli, metrics, running };",
      replace:
        "const message = { ...sender, chunk, ttl: this.#ttl(), lease, health_milli, metrics, running: running.slice(0, 0) };",
    },
    shownBy: { scenario: "long-jobs", simulated: "long-jobs" },
  }),
  mutant({
    id: "own-reservations-forgotten",
    property: "S1",
    check: "more jobs at once than there is room",
    origin: "selection uses the view alone",
    edit: {
      file: "selection/reservations.ts",
      find: "    return this.#counts.get(node) ?? 0;",
      replace: "    return this.#counts.get(node) === undefined ? 0 : 0;",
    },
    shownBy: inClose,
  }),
  mutant({
    id: "misses-not-shared",
    property: "C2",
    check: "many look for a missing node",
    origin: "every caller sends a request of its own",
    edit: {
      file: "reading/coalesce.ts",
      find: "    if (inFlight !== undefined) return inFlight;",
      replace: "    if (inFlight !== undefined) return request();",
    },
    shownBy: { simulated: "penetration" },
  }),
  mutant({
    id: "config-not-followed",
    property: "S4",
    check: "another instance puts a configuration",
    origin: "the configuration is read at the start",
    edit: {
      file: "following/config-follower.ts",
      find: `this.#version.epoch === beforeAll.epoch ? await this.#read() : await this.#follow();`,
      replace: `this.#version.epoch === beforeAll.epoch ? await this.#read() : ({ kind: "current" } as const);`,
    },
  }),
  mutant({
    id: "full-reload",
    property: "P1",
    check: "a node leaves a pool",
    origin: "when in doubt, load everything",
    edit: {
      file: "following/follower.ts",
      find: `      if (applied.kind === "gap" || applied.kind === "contradiction") {`,
      replace: `      if (applied.kind === "gap" || applied.kind === "contradiction" || entry.change.kind === "registered") {`,
    },
  }),
];
