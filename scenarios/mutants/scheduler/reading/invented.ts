/**
 * Wrong schedulers that answer from nothing: a write is acknowledged although it was never sent, or a read shows what the store never held. A judge
 * that looks an answer up by its version, and passes over what it does not find, holds for every one of them.
 */
import type { SchedulerMutant } from "../mutant.ts";

/** `reserveJob` while the instance is degraded: `version` is what the acknowledgement names, as source text; empty: none. */
function reserved(id: string, origin: string, version: string): SchedulerMutant {
  return {
    id,
    origin,
    simulated: "close-quarters",
    property: "D4",
    edits: [
      {
        file: "writing/writes.ts",
        find: `      if (answer.kind === "reserved" || answer.kind === "already") placedAt = answer.version;\n`,
        replace: `      const held = follower.view.version;
      if (isFailure(answer) && held && answer.message.startsWith("not sent")) return { kind: "reserved", ${version} };
      if (answer.kind === "reserved" || answer.kind === "already") placedAt = answer.version;
`,
      },
    ],
  };
}

/** `heartbeat` likewise. */
function renewed(id: string, origin: string, version: string): SchedulerMutant {
  return {
    id,
    origin,
    simulated: "random-nemesis",
    property: "D4",
    edits: [
      {
        file: "writing/writes.ts",
        find: `      return this.#send("heartbeat", follower, run, options);`,
        replace: `      return this.#send("heartbeat", follower, run, options).then((answer) =>
        isFailure(answer) && answer.message.startsWith("not sent")
          ? { kind: "renewed", ${version} unknown_jobs: [] }
          : answer,
      );`,
      },
    ],
  };
}

export const inventedMutants: readonly SchedulerMutant[] = [
  reserved("reserved-without-a-version", "while Redis is away a place is promised, so that no caller has to wait", ""),
  reserved(
    "reserved-in-no-epoch",
    "the same, and the acknowledgement names an epoch that never began",
    `version: { epoch: "00000000deadbeef", sequence: 7 }`,
  ),
  reserved(
    "reserved-in-the-future",
    "the same, and the acknowledgement names a sequence that the store has not reached",
    "version: { ...held, sequence: held.sequence + 1_000 }",
  ),
  reserved(
    "reserved-at-the-last-version",
    "the same, and the acknowledgement names the last version that the instance has seen",
    "version: held",
  ),
  renewed("renewed-without-a-version", "while Redis is away every heartbeat is taken for renewed", ""),
  renewed(
    "renewed-at-the-last-version",
    "the same, and the acknowledgement names the last version that the instance has seen",
    "version: follower.view.version,",
  ),
  {
    id: "config-said-to-be-stored",
    origin: "a configuration that could not be put is said to be stored, since it will be put again later",
    simulated: "random-nemesis",
    property: "D4",
    edits: [
      {
        file: "writing/config-writer.ts",
        find: `  if (isFailure(answer) || follower.heard(answer.version, "put_config")) return answer;`,
        replace: `  if (isFailure(answer)) return { kind: "stored", version: expected ?? { epoch: "", sequence: 0 }, config: expected };
  if (isFailure(answer) || follower.heard(answer.version, "put_config")) return answer;`,
      },
    ],
  },
  ...(["00000000deadbeef", "given.node.version.epoch"] as const).map(
    (epoch, index): SchedulerMutant => ({
      id: index === 0 ? "read-in-no-epoch" : "read-of-no-state",
      origin:
        index === 0
          ? "one read in 300 shows a status and a count that never were, in an epoch that never began"
          : "one read in 300 shows a status and a count that never were, at a version of the store",
      simulated: "random-nemesis",
      property: "V2",
      edits: [
        {
          file: "reading/reads.ts",
          find: "    const answer = toAnswer(finding, clock.now(), mode.mode);\n",
          replace: `    const given = toAnswer(finding, clock.now(), mode.mode);
    const version = { ...given.node?.version, ${index === 0 ? `epoch: "${epoch}"` : ""} };
    const wrong = { status: "purple", current_jobs: -5, version };
    const isWrong = given.node !== undefined && Math.floor(clock.now() * 100) % 300 === 0;
    const answer = isWrong ? { ...given, node: { ...given.node, ...wrong } } : given;
`,
        },
      ],
    }),
  ),
];
