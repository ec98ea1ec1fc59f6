/**
 * Wrong schedulers that were written to see what the simulator does not notice: each a mistake in a place where two things have to happen in
 * one order, and mostly do.
 *
 * Not kept, since no difference is observable: `pages-of-two-epochs` (pages of two epochs are put together in one load: the changes that are
 * fetched after the last page are of one epoch, and the load begins anew).
 */
import type { SchedulerMutant } from "../mutant.ts";

export const unlistedMutants: readonly SchedulerMutant[] = [
  {
    id: "nodes-expire-in-step",
    origin: "cached answers are spread, heartbeats are not: nodes that fell silent together expire together",
    simulated: "avalanche",
    property: "C1",
    edits: [
      {
        file: "writing/writes.ts",
        find: "jittered(heartbeatTtl, ttlSpread, this.#ports.ttls)",
        replace: "jittered(heartbeatTtl, 0 * ttlSpread, this.#ports.ttls)",
      },
    ],
  },
  {
    id: "page-moves-the-view",
    origin: "a record that was read by itself counts as all changes up to its version: those between are never fetched",
    simulated: "close-quarters",
    property: "V2",
    edits: [
      {
        file: "view/view.ts",
        find: `    this.#put(record);
    return "absorbed";`,
        replace: `    this.#put(record);
    this.#sequence = record.version.sequence;
    return "absorbed";`,
      },
    ],
  },
  {
    id: "true-at-the-last-page",
    origin: "a view that was loaded in several pages is taken for the version of the last of them, not of the first",
    simulated: "close-quarters",
    property: "V2",
    edits: [
      {
        file: "following/resync.ts",
        find: `kind: "pages", version: first,`,
        replace: `kind: "pages", version: { epoch: first.epoch, sequence: until },`,
      },
    ],
  },
  {
    id: "gives-up-on-the-store",
    origin: "tries are limited: after as many probes as an outage usually takes the store is not asked again",
    simulated: "redis-gone",
    property: "V3",
    edits: [
      {
        file: "mode/supervisor.ts",
        find: "if (await follower?.probe())",
        replace: "if (this.#probes <= 8 && (await follower?.probe()))",
      },
    ],
  },
  {
    id: "half-an-answer",
    origin: "an answer that was cut off at its limit is taken for all there is",
    simulated: "long-gap",
    property: "V4",
    edits: [
      {
        file: "following/follower.ts",
        find: "    if (reached < version.sequence) return reached",
        replace: "    if (reached < version.sequence && reached === held.sequence) return reached",
      },
    ],
  },
  {
    id: "half-an-answer-kept",
    origin: "an answer that was cut off at its limit is used again for the state at the time of the request",
    simulated: "close-quarters",
    property: "V2",
    edits: [{ file: "following/follower.ts", find: "isWhole ? sentAt : null", replace: "isWhole ? sentAt : sentAt" }],
  },
  {
    id: "ghosts-in-the-index",
    origin: "a new view puts its nodes into the index, and those that it lacks are not removed",
    simulated: "random-nemesis",
    property: "N2",
    edits: [
      {
        file: "view/view.ts",
        find: "    for (const id of former.#nodes.keys()) if (!this.#nodes.has(id)) index.remove(id);\n",
        replace: "",
      },
    ],
  },
  {
    id: "placement-forgotten",
    origin: "a dispatch without an answer is forgotten, so that the next one of the same job begins elsewhere",
    simulated: "close-quarters",
    property: "S5",
    edits: [
      {
        file: "selection/dispatch.ts",
        find: "      if (mayBeThere) this.#remember(job, node, former?.certain ?? false);\n      else if (former === null)",
        replace: "      if (former === null)",
      },
    ],
  },
  {
    id: "gone-kept-in-l1",
    origin: "a node that goes offline is dropped from the cache by its TTL: it was true when it was put there",
    simulated: "close-quarters",
    property: "V2",
    edits: [
      {
        file: "reading/caches.ts",
        find: "    else this.keep(partition, node, confirmedAt);",
        replace: `    else if (node.status === "online") this.keep(partition, node, confirmedAt);`,
      },
    ],
  },
  {
    id: "misses-outlive-the-view",
    origin: "a new view removes the cached answers of the old one, and leaves its miss marks",
    simulated: "trimmed-arrivals",
    property: "N3",
    edits: [
      {
        file: "reading/caches.ts",
        find: "now < mark.expiresAt && this.#counts(mark) ? mark",
        replace: "now < mark.expiresAt ? mark",
      },
    ],
  },
  {
    id: "lost-but-acknowledged",
    origin: "a write is acknowledged by any server that answers it, a former primary too",
    simulated: "former-primary",
    property: "D4",
    edits: [
      {
        file: "writing/writes.ts",
        find: "  if (isFailure(answer) || follower.heard(answer.version, operation)) return answer;",
        replace: `  if (isFailure(answer) || follower.heard(answer.version, operation) || operation.length > 0) return answer;`,
      },
    ],
  },
  {
    id: "failures-forgiven",
    origin: "probes are counted, not probes in a row",
    simulated: "close-quarters",
    property: "D5",
    edits: [
      {
        file: "mode/mode.ts",
        find: `  if (state.stage === "probing") return { ...state, successes: 0 };`,
        replace: `  if (state.stage === "probing") return state;`,
      },
    ],
  },
  {
    id: "guess-for-a-fact",
    origin: "an unconfirmed answer looks like any other: the caller cannot distinguish them",
    simulated: "random-nemesis",
    property: "V2",
    edits: [
      {
        file: "reading/reads.ts",
        find: "knownAt: follower.confirmedAt, stale: true };",
        replace: "knownAt: follower.confirmedAt, stale: false };",
      },
    ],
  },
  {
    id: "always-just-now",
    origin: "the age of an answer counts from its call, not from when its content was last confirmed",
    simulated: "random-nemesis",
    property: "V2",
    edits: [
      { file: "reading/reads.ts", find: "age_ms: Math.max(0, now - knownAt), stale", replace: "age_ms: 0, stale" },
    ],
  },
  {
    id: "first-configuration-kept",
    origin: "the version of the configuration is followed, its content only until there is one",
    simulated: "random-nemesis",
    property: "S4",
    edits: [
      {
        file: "following/config-follower.ts",
        find: "    if (isSame(config?.version, this.#config?.version)) return;",
        replace: "    if (isSame(config?.version, this.#config?.version) || this.#config !== null) return;",
      },
    ],
  },
  {
    id: "cells-as-first-made",
    origin:
      "a node that joins a pool is not added to existing candidate buckets of it: they keep the nodes that they were made with",
    simulated: "random-nemesis",
    property: "S2",
    edits: [
      {
        file: "view/node-index.ts",
        find: "    for (const pool of node.pools) this.#seat(entry, pool, pairs);\n",
        replace: "",
      },
    ],
  },
  {
    id: "full-for-good",
    origin: "a full node is kept apart, and not moved back when a place is free",
    simulated: "random-nemesis",
    property: "S2",
    edits: [
      {
        file: "view/candidate-bucket.ts",
        find: "  if (willBeFull !== entry.isFull) {",
        replace: "  if (willBeFull !== entry.isFull && !entry.isFull) {",
      },
    ],
  },
  {
    id: "sleeps-through",
    origin:
      "the supervisor sleeps for a whole pulse, whatever becomes of the mode meanwhile: our own mistake, until a pulse was long",
    simulated: "rare-questions",
    property: "D3",
    edits: [
      {
        file: "mode/supervisor.ts",
        find: "await clock.sleep(this.#pulse(), mode.whileNormal);",
        replace: "await clock.sleep(this.#pulse(), signal);",
      },
    ],
  },
];
