/**
 * Wrong schedulers for which a few steps on virtual time are enough: each the right one with one place changed, what it breaks, and which
 * of the short histories in test/scheduler/support/planted-checks.ts shows it. The simulator has to find them by itself.
 */

import type { Planted } from "./planted.ts";
import missMarkKept from "./reading/miss-mark-kept.ts";
import noJitter from "./reading/no-jitter.ts";

export interface PlantedInCore extends Planted {
  /** The history that kills it in the scheduler's own tests. */
  readonly check: string;
}

/** @param where the scenario whose seeds show it in simulation, or why none does; and the one that shows it on real servers, if any is known to */
function planted(
  id: string,
  property: PlantedInCore["property"],
  check: string,
  origin: string,
  edit: PlantedInCore["edits"][number],
  where: Pick<Planted, "scenario" | "simulated" | "unseen"> = { simulated: "random-nemesis" },
): PlantedInCore {
  const { unseen: why, ...shown } = where;
  const told = why === undefined ? {} : { unseen: `${why}; the scheduler's own tests kill it: "${check}"` };
  return { id, property, check, origin, edits: [edit], ...shown, ...told };
}

const unseen = (why: string) => ({ simulated: null, unseen: why });
const inClose = { simulated: "close-quarters" } as const;
const inSlow = { simulated: "redis-slow" } as const;

export const plantedInCore: readonly PlantedInCore[] = [
  { ...missMarkKept, check: "a node that was missed registers" },
  { ...noJitter, check: "many nodes register at once" },
  planted(
    "stale-overwrite",
    "V2",
    "a page overtaken by the feed",
    "a reply is taken for newer because it came later",
    {
      file: "reading/reads.ts",
      find: `order === "older" ? null : (page.nodes[0] ?? null)`,
      replace: `(page.nodes[0] ?? null)`,
    },
    unseen(
      "tried: 222 runs of all scenarios, 15,876 pages of single nodes, 2,629 of them newer than the view that they met, none older; nor can one be: what an instance asks and is answered goes over one connection, in order, and another server begins another epoch. A store port with several connections would show it",
    ),
  ),
  planted(
    "epoch-re-entered",
    "V1",
    "a former primary answers again",
    "any epoch but the current one counts as new, so an instance goes back to a past that was lost",
    { file: "view/epochs.ts", find: "this.#left.add(this.#current);", replace: "this.#left.clear();" },
    { simulated: "former-primary" },
  ),
  planted(
    "hole-applied",
    "V2",
    "an answer with a hole in it",
    "what comes is applied, next in sequence or not",
    {
      file: "view/view.ts",
      find: `    if (sequence !== this.#sequence + 1) return { kind: "gap" };\n`,
      replace: "",
    },
    { simulated: "hole-in-the-feed" },
  ),
  planted("no-poll", "V4", "wake-ups are lost", "a subscription that stands is trusted to deliver", {
    file: "following/follower.ts",
    find: 'await this.#changes("changes_since", this.#ports.settings.changesLimit)',
    replace: `await this.#changes(
                "changes_since",
                this.#announcements.furthest(this.#view.version) > this.#view.version.sequence ? 500 : 0,
              )`,
  }),
  planted(
    "unbounded-retry",
    "K3",
    "every reply of a reserve is lost",
    "until it is known, it is asked again",
    {
      file: "selection/dispatch.ts",
      find: `    if (isFailure(again)) return { ...again, applied: "unknown" };`,
      replace: `    if (isAmbiguous(again)) return this.#reserve(node, job, urgent, options);
    if (isFailure(again)) return { ...again, applied: "unknown" };`,
    },
    inSlow,
  ),
  planted(
    "flapping-mode",
    "D3",
    "a store that comes and goes",
    "the first answer counts as healed",
    {
      file: "mode/mode.ts",
      find: "  return relapses === 0 ? 0 : Math.min(dwellMax, dwell * 2 ** Math.min(relapses - 1, 30));",
      replace: "  return 0 * relapses * dwell * dwellMax;",
    },
    inClose,
  ),
  planted("blocked-read", "D1", "a read in local_only", "whatever the mode, the store is asked first", {
    file: "reading/reads.ts",
    find: "    return mode.isNormal ? null : held(node, follower);",
    replace: "    return mode.isNormal || !mode.isNormal ? null : held(node, follower);",
  }),
  planted(
    "herd",
    "C1",
    "twenty instances select",
    "the best is the best, for every instance the same one",
    {
      file: "view/candidate-bucket.ts",
      find: "Math.floor((random.nextUint32() / 0x1_0000_0000) * (bucket.length - at));",
      replace: "Math.floor((random.nextUint32() / 0x1_0000_0000) * 0);",
    },
    { simulated: "avalanche" },
  ),
  planted(
    "second-node-after-ambiguity",
    "L1",
    "every reply of a reserve is lost",
    "a reserve without an answer is taken for one that did not happen",
    {
      file: "selection/dispatch.ts",
      find: `      return { ...answer, applied: mayBeThere ? "unknown" : "no", node };`,
      replace: `      if (mayBeThere) return null;
      return { ...answer, applied: mayBeThere ? "unknown" : "no", node };`,
    },
    inSlow,
  ),
  planted(
    "index-not-updated",
    "N2",
    "a node leaves a pool",
    "the node's record follows, its place in the index does not",
    {
      file: "view/node-index.ts",
      find: "a.pools === b.pools && a.languages === b.languages && a.services === b.services;",
      replace: "a.status === b.status;",
    },
  ),
  planted("index-keeps-the-gone", "N2", "a node goes offline", "only what is put is indexed anew", {
    file: "view/node-index.ts",
    find: "    for (const seat of seats) seat.bucket.leave(seat);",
    replace: "    if (seats.length < 0) for (const seat of seats) seat.bucket.leave(seat);",
  }),
  planted(
    "lease-not-renewed",
    "D4",
    "a job that runs longer than its lease",
    "the heartbeat does not say what runs",
    {
      file: "writing/writes.ts",
      find: "const message = { ...life, ttl: this.#ttl(), lease, health_milli, metrics, running };",
      replace:
        "const message = { ...life, ttl: this.#ttl(), lease, health_milli, metrics, running: running.slice(0, 0) };",
    },
    { scenario: "long-jobs", simulated: "long-jobs" },
  ),
  planted(
    "own-reservations-forgotten",
    "J2",
    "more jobs at once than there is room",
    "the view is all that selection sees",
    {
      file: "selection/reservations.ts",
      find: "    return this.#counts.get(node) ?? 0;",
      replace: "    return this.#counts.get(node) === undefined ? 0 : 0;",
    },
    inClose,
  ),
  planted(
    "misses-not-shared",
    "C2",
    "many look for a missing node",
    "every caller asks for itself",
    {
      file: "reading/coalesce.ts",
      find: "    if (underWay !== undefined) return underWay;",
      replace: "    if (underWay !== undefined) return request();",
    },
    { simulated: "penetration" },
  ),
  planted(
    "config-not-followed",
    "V3",
    "another instance puts a configuration",
    "the configuration is read at the start",
    {
      file: "following/config-follower.ts",
      find: `this.#version.epoch === beforeAll.epoch ? await this.#read() : await this.#follow();`,
      replace: `this.#version.epoch === beforeAll.epoch ? await this.#read() : ({ kind: "current" } as const);`,
    },
  ),
  planted("full-reload", "P1", "a node leaves a pool", "when in doubt, load everything", {
    file: "following/follower.ts",
    find: `      if (applied.kind === "gap" || applied.kind === "contradiction") {`,
    replace: `      if (applied.kind === "gap" || applied.kind === "contradiction" || entry.change.kind === "registered") {`,
  }),
];
