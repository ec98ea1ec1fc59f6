/** Wrong nodes: of pools that the configuration does not prescribe, without a service, twice, or too many; or too few of the right ones. */
import type { SchedulerMutant } from "../mutant.ts";

interface Change {
  readonly id: string;
  readonly origin: string;
  readonly property: "S1" | "S2" | "S4";
  readonly file: string;
  readonly find: string;
  readonly replace: string;
  /** Where `random-nemesis` takes many seeds. */
  readonly simulated?: string;
}

function mutant({ file, find, id, origin, property, replace, simulated = "random-nemesis" }: Change): SchedulerMutant {
  return { id, origin, simulated, property, edits: [{ file, find, replace }] };
}

const changes: readonly Change[] = [
  {
    id: "fewer-while-degraded",
    origin: "a degraded instance shows fewer nodes than it knows, so that its clients ask the store for less",
    property: "S2",
    simulated: "redis-gone",
    file: "selection/select.ts",
    find: "  const stale = !isCurrent(ports, startedAt);",
    replace: "  if (!mode.isNormal) nodes.pop();\n  const stale = !isCurrent(ports, startedAt);",
  },
  {
    id: "none-when-local-only",
    origin: "what is too old to be trusted is not selected from either",
    property: "S2",
    simulated: "redis-gone",
    file: "selection/select.ts",
    find: "  const stale = !isCurrent(ports, startedAt);",
    replace: `  if (mode.mode === "local_only") nodes.length = 0;\n  const stale = !isCurrent(ports, startedAt);`,
  },
  {
    id: "old-views-show-nothing",
    origin: "a lookup that the store does not answer finds nothing, whatever the view has",
    property: "S2",
    simulated: "redis-gone",
    file: "reading/reads.ts",
    find: "    return mode.isNormal ? null : held(node, follower);",
    replace: `    if (mode.mode === "local_only")
      return { node: undefined, source: "none", knownAt: Number.NEGATIVE_INFINITY, stale: true };
    return mode.isNormal ? null : held(node, follower);`,
  },
  {
    id: "fallback-ignored",
    origin: "only the chosen pool is searched, whatever `fallback_scan_all_pools` says",
    property: "S2",
    file: "selection/phase3.ts",
    find: "    if (!this.#scansAll) return [];",
    replace: "    if (this.#scansAll || !this.#scansAll) return [];",
  },
  {
    id: "fallback-always",
    origin: "all pools are searched when the chosen one has too few, whatever `fallback_scan_all_pools` says",
    property: "S1",
    file: "selection/phase3.ts",
    find: "    if (!this.#scansAll) return [];",
    replace: "    if (!this.#scansAll && this.#pools.length === 0) return [];",
  },
  {
    id: "disabled-configuration-in-force",
    origin: "a configuration prescribes pools as soon as it is stored, enabled or not",
    property: "S2",
    file: "following/config-follower.ts",
    find: "this.#plan = config?.enabled === true ? new PoolPlan(config) : null;",
    replace: "this.#plan = config === null ? null : new PoolPlan(config);",
  },
  {
    id: "lost-configuration-kept",
    origin: "a store without a configuration is taken for one that has not been read yet",
    property: "S4",
    file: "following/config-follower.ts",
    find: "    if (isSame(config?.version, this.#config?.version)) return;",
    replace: "    if (config === null || isSame(config.version, this.#config?.version)) return;",
  },
  {
    id: "configuration-without-effect",
    origin: "the configuration is followed and never used",
    property: "S1",
    file: "selection/select.ts",
    find: "  const plan = ports.plan();",
    replace: "  const plan = wanted.count > 1_000 ? ports.plan() : null;",
  },
  {
    id: "named-pool-ignored",
    origin: "all nodes that serve the pair are searched, whatever pool the request names",
    property: "S1",
    file: "selection/select.ts",
    find: "    draw(ports, wanted, wanted.pool, { nodes, seen: null });",
    replace: "    draw(ports, wanted, null, { nodes, seen: null });",
  },
  {
    id: "pool-by-list-position",
    origin: "the first pool that fits is taken, so one pool gets all requests",
    property: "S1",
    file: "selection/phase3.ts",
    find: "if (weight <= highest || !fits(pool, pair, request.services)) continue;",
    replace: "if (best !== null || !fits(pool, pair, request.services)) continue;",
  },
  {
    id: "hash-seed-ignored",
    origin: "another seed deals the keys as before",
    property: "S2",
    file: "selection/phase3.ts",
    find: "return mixed(fnv1a(request.key ?? pairKey(request)) ^ this.#seed);",
    replace: "return mixed(fnv1a(request.key ?? pairKey(request)) ^ (0 * this.#seed));",
  },
  {
    id: "key-ignored",
    origin: "requests of one pair go to one pool, whatever their keys",
    property: "S1",
    file: "selection/phase3.ts",
    find: "return mixed(fnv1a(request.key ?? pairKey(request)) ^ this.#seed);",
    replace: "return mixed(fnv1a(pairKey(request)) ^ this.#seed);",
  },
  {
    id: "services-of-pools-ignored",
    origin: "a pool fits that serves the pair, whatever services it promises",
    property: "S1",
    file: "selection/phase3.ts",
    find: "(pairs.size === 0 || pairs.has(pair)) && wanted.every((service) => services.has(service));",
    replace: "(pairs.size === 0 || pairs.has(pair)) && (wanted.length === 0 || services.size >= 0);",
  },
  {
    id: "pairs-of-pools-ignored",
    origin: "a pool fits that promises the services, whatever pairs it lists",
    property: "S2",
    file: "selection/phase3.ts",
    find: "(pairs.size === 0 || pairs.has(pair)) && wanted.every((service) => services.has(service));",
    replace: "(pairs.size >= 0 || pairs.has(pair)) && wanted.every((service) => services.has(service));",
  },
  {
    id: "services-any-instead-of-all",
    origin: "a node suits that has one of the services",
    property: "S1",
    file: "view/candidate-bucket.ts",
    find: "return this.#services.every((service) => node.services.includes(service));",
    replace: `if (this.#services.length === 0) return true;
    return this.#services.some((service) => node.services.includes(service));`,
  },
  {
    id: "services-ignored",
    origin: "nodes are looked for by pool and pair, and services are left to the caller",
    property: "S1",
    file: "selection/select.ts",
    find: "index.bucketOf({ pool, source, target, services })",
    replace: "index.bucketOf({ pool, source, target, services: services.slice(0, 0) })",
  },
  {
    id: "first-service-only",
    origin: "only the first of the services is looked at",
    property: "S1",
    file: "selection/select.ts",
    find: "index.bucketOf({ pool, source, target, services })",
    replace: "index.bucketOf({ pool, source, target, services: services.slice(0, 1) })",
  },
  {
    id: "chosen-pool-not-named",
    origin: "an answer names the pools of the fallback alone",
    property: "S1",
    file: "selection/select.ts",
    find: "    pools.push(first);\n",
    replace: "    if (!nodes.length) pools.push(first);\n",
  },
  {
    id: "count-exceeded",
    origin: "one more than was asked for, as a spare",
    property: "S1",
    file: "selection/select.ts",
    find: "?.draw(nodes, count, random, jobsOf);",
    replace: "?.draw(nodes, count + 1, random, jobsOf);",
  },
  {
    id: "node-twice",
    origin: "what two pools share is returned for each of them",
    property: "S1",
    file: "selection/select.ts",
    find: "seen?.has(node) ? Number.POSITIVE_INFINITY : current_jobs + reservations.of(node);",
    replace: "seen?.has(node) ? current_jobs : current_jobs + reservations.of(node);",
  },
  {
    id: "half-of-the-count",
    origin: "a selection stops at half of what it was asked for",
    property: "S2",
    file: "selection/select.ts",
    find: "?.draw(nodes, count, random, jobsOf);",
    replace: "?.draw(nodes, Math.ceil(count / 16), random, jobsOf);",
  },
  {
    id: "last-place-kept-free",
    origin: "a node with one free place counts as full",
    property: "S2",
    file: "view/candidate-bucket.ts",
    find: "jobsOf(node) < node.max_jobs) return node;",
    replace: "jobsOf(node) + 1 < node.max_jobs) return node;",
  },
  {
    id: "services-joined-with-a-comma",
    origin: "the list of services is made a key by joining it, so that two lists share one",
    property: "S1",
    file: "view/node-index.ts",
    find: "services.length === 0 ? noServices : JSON.stringify(sortedIds(services));",
    replace: `services.length === 0 ? noServices : sortedIds(services).join(",");`,
    simulated: "close-quarters",
  },
  {
    id: "job-is-no-key",
    origin: "a dispatch chooses its pool by the pair, so that all jobs of a pair go to one pool",
    property: "S1",
    file: "selection/dispatch.ts",
    find: "select({ ...request, key: request.key ?? job, count: attempts });",
    replace: "select({ ...request, count: attempts });",
  },
];

export const poolMutants: readonly SchedulerMutant[] = changes.map(mutant);
