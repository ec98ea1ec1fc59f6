/** Mutants of the leases that an instance asks the store for. */
import type { SchedulerMutant } from "../mutant.ts";

type Lease = Pick<SchedulerMutant, "id" | "origin"> & Partial<Pick<SchedulerMutant, "simulated">>;

const inWrites = (fields: Lease, find: string, replace: string): SchedulerMutant => ({
  ...{ property: "J5", simulated: "long-jobs", ...fields },
  edits: [{ file: "writing/writes.ts", find, replace }],
});

const ofChunks = (fields: Lease, find: string, replace: string): SchedulerMutant => ({
  ...{ property: "J5", simulated: "crowded-nodes", ...fields },
  edits: [{ file: "writing/chunks.ts", find, replace }],
});

const ofReserve =
  'const lease = options.lease === undefined ? settings.lease : checkInteger("lease", options.lease, 1, 86_400_000);';
const ofHeartbeat = "const message = { ...sender, chunk, ttl: this.#ttl(), lease, health_milli, metrics, running };";

export const leaseMutants: readonly SchedulerMutant[] = [
  inWrites(
    {
      id: "lease-of-a-day",
      origin: "a place for which no lease was asked is kept for as long as the protocol allows",
    },
    ofReserve,
    ofReserve.replace("settings.lease :", "86_400_000 :"),
  ),
  inWrites(
    {
      id: "lease-ignored-in-reserve",
      origin: "the lease of a call is checked, and that of the settings is sent",
      simulated: "random-nemesis",
    },
    "const request = { partition, node, job, lease };",
    "const request = { partition, node, job, lease: lease > 0 ? settings.lease : lease };",
  ),
  inWrites(
    { id: "first-running-job-renewed", origin: "the first of a list is taken for all of it" },
    ofHeartbeat,
    ofHeartbeat.replace("running }", "running: running.slice(0, 1) }"),
  ),
  inWrites(
    { id: "renewed-for-the-heartbeat-ttl", origin: "the two durations of a heartbeat are one" },
    ofHeartbeat,
    ofHeartbeat.replace("lease, health_milli", "lease: Math.min(lease, this.#ttl() / 4) | 0, health_milli"),
  ),
  inWrites(
    { id: "renewed-for-a-day", origin: "a job that was heard of once is kept for as long as the protocol allows" },
    ofHeartbeat,
    ofHeartbeat.replace("lease, health_milli", "lease: Math.max(lease, 86_400_000), health_milli"),
  ),
  ofChunks(
    { id: "first-chunk-alone-sent", origin: "a heartbeat names as many jobs as one call takes, and the others lapse" },
    "chunk === 0 || chunk * mostNamed < running.length",
    "chunk === 0",
  ),
  ofChunks(
    { id: "last-chunk-left-out", origin: "a list is cut into whole chunks, and what is left over is not sent" },
    "chunk * mostNamed < running.length",
    "(chunk + 1) * mostNamed <= running.length",
  ),
  ofChunks(
    { id: "chunks-overlap", origin: "the end of a slice is taken for its length" },
    "running.slice(chunk * mostNamed, (chunk + 1) * mostNamed)",
    "running.slice(chunk * mostNamed, chunk + mostNamed)",
  ),
  ofChunks(
    {
      id: "unknown-jobs-of-the-last-chunk",
      origin: "the answers to several calls are joined, and the last one overwrites the others",
    },
    "for (const reply of replies) if",
    "for (const reply of replies.slice(-1)) if",
  ),
  ofChunks(
    {
      id: "unknown-jobs-never",
      origin: "a heartbeat is answered as renewed, and the jobs without a place are not passed on",
    },
    "unknown_jobs.push(...reply.unknown_jobs)",
    "unknown_jobs.push(...[])",
  ),
];
