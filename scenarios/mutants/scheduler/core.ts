/**
 * Wrong schedulers for which a few steps on virtual time are enough: each the right one with one place changed, what it breaks, and which
 * of the short histories in test/scheduler/planted-checks.ts shows it. Kept for the later layers, which have to find them by themselves.
 */
import type { Planted } from "./planted.ts";

export interface PlantedInCore extends Pick<Planted, "id" | "origin" | "property" | "edits"> {
  /** The history that kills it today. */
  readonly check: string;
}

function planted(
  id: string,
  property: PlantedInCore["property"],
  check: string,
  origin: string,
  edit: PlantedInCore["edits"][number],
): PlantedInCore {
  return { id, property, check, origin, edits: [edit] };
}

export const plantedInCore: readonly PlantedInCore[] = [
  planted("miss-mark-stays", "N3", "a node that was missed registers", "a negative cache that only its TTL empties", {
    file: "caches.ts",
    find: "    if (node !== null) this.#misses.delete(id);\n",
    replace: "",
  }),
  planted("no-jitter", "C1", "many nodes register at once", "one TTL for all that was written at once", {
    file: "jitter.ts",
    find: "  return base * (1 + spread * (2 * unit(random) - 1));",
    replace: "  return base * (1 + 0 * spread * unit(random));",
  }),
  planted("stale-overwrite", "V2", "a page overtaken by the feed", "a reply is taken for newer because it came later", {
    file: "reads.ts",
    find: `order === "older" ? null : (page.nodes[0] ?? null)`,
    replace: `(page.nodes[0] ?? null)`,
  }),
  planted(
    "epoch-re-entered",
    "V1",
    "a former primary answers again",
    "any epoch but the current one counts as new, so an instance goes back to a past that was lost",
    { file: "epochs.ts", find: "this.#left.add(this.#current);", replace: "this.#left.clear();" },
  ),
  planted("gap-ignored", "V4", "an answer with a hole in it", "what comes is applied, next in sequence or not", {
    file: "view.ts",
    find: `    if (sequence !== this.#sequence + 1) return { kind: "gap" };\n`,
    replace: "",
  }),
  planted("no-poll", "V4", "wake-ups are lost", "a subscription that stands is trusted to deliver", {
    file: "follower.ts",
    find: '    const reply = await this.#changes("changes_since", this.#ports.settings.changesLimit);',
    replace: `    const limit = this.#announcements.furthest(this.#view.version) > this.#view.version.sequence ? 500 : 0;
    const reply = await this.#changes("changes_since", limit);`,
  }),
  planted("unbounded-retry", "K3", "every reply of a reserve is lost", "until it is known, it is asked again", {
    file: "dispatch.ts",
    find: `    if (isFailure(again)) return { ...again, applied: "unknown" };`,
    replace: `    if (isAmbiguous(again)) return this.#reserve(node, job, urgent, options);
    if (isFailure(again)) return { ...again, applied: "unknown" };`,
  }),
  planted("flapping-mode", "D3", "a store that comes and goes", "the first answer counts as healed", {
    file: "mode.ts",
    find: "  return relapses === 0 ? 0 : Math.min(dwellMax, dwell * 2 ** Math.min(relapses - 1, 30));",
    replace: "  return 0 * relapses * dwell * dwellMax;",
  }),
  planted("blocked-read", "D1", "a read in local_only", "whatever the mode, the store is asked first", {
    file: "reads.ts",
    find: "    return mode.isNormal ? null : held(node, follower);",
    replace: "    return mode.isNormal || !mode.isNormal ? null : held(node, follower);",
  }),
  planted("herd", "B2", "twenty instances select", "the best is the best, for every instance the same one", {
    file: "cell.ts",
    find: "Math.floor((random.nextUint32() / 0x1_0000_0000) * (bucket.length - at));",
    replace: "Math.floor((random.nextUint32() / 0x1_0000_0000) * 0);",
  }),
  planted(
    "second-node-after-ambiguity",
    "J3",
    "every reply of a reserve is lost",
    "a reserve without an answer is taken for one that did not happen",
    {
      file: "dispatch.ts",
      find: `      return { ...answer, applied: mayBeThere ? "unknown" : "no", node };`,
      replace: `      if (mayBeThere) return null;
      return { ...answer, applied: mayBeThere ? "unknown" : "no", node };`,
    },
  ),
  planted(
    "index-not-updated",
    "N2",
    "a node leaves a pool",
    "the node's record follows, its place in the index does not",
    {
      file: "node-index.ts",
      find: "a.pools === b.pools && a.languages === b.languages && a.services === b.services;",
      replace: "a.status === b.status;",
    },
  ),
  planted("index-keeps-the-gone", "N2", "a node goes offline", "only what is put is indexed anew", {
    file: "node-index.ts",
    find: "    for (const seat of seats) seat.cell.leave(seat);",
    replace: "    if (seats.length < 0) for (const seat of seats) seat.cell.leave(seat);",
  }),
  planted("lease-not-renewed", "J2", "a job that runs longer than its lease", "the heartbeat does not say what runs", {
    file: "writes.ts",
    find: "const message = { ...life, ttl: this.#ttl(), lease, health_milli, metrics, running };",
    replace:
      "const message = { ...life, ttl: this.#ttl(), lease, health_milli, metrics, running: running.slice(0, 0) };",
  }),
  planted(
    "own-reservations-forgotten",
    "J2",
    "more jobs at once than there is room",
    "the view is all that selection sees",
    {
      file: "reservations.ts",
      find: "    return this.#counts.get(node) ?? 0;",
      replace: "    return this.#counts.get(node) === undefined ? 0 : 0;",
    },
  ),
  planted("misses-not-shared", "C2", "many look for a missing node", "every caller asks for itself", {
    file: "coalesce.ts",
    find: "    if (underWay !== undefined) return underWay;",
    replace: "    if (underWay !== undefined) return request();",
  }),
  planted(
    "config-not-followed",
    "V3",
    "another instance puts a configuration",
    "the configuration is read at the start",
    {
      file: "config-follower.ts",
      find: `this.#version.epoch === beforeAll.epoch ? await this.#read() : await this.#follow();`,
      replace: `this.#version.epoch === beforeAll.epoch ? await this.#read() : ({ kind: "current" } as const);`,
    },
  ),
  planted("full-reload", "P1", "a node leaves a pool", "when in doubt, load everything", {
    file: "follower.ts",
    find: `      if (applied.kind === "gap" || applied.kind === "contradiction") {`,
    replace: `      if (applied.kind === "gap" || applied.kind === "contradiction" || entry.change.kind === "registered") {`,
  }),
];
