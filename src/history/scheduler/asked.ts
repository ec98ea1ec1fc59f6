/** The rules for the request and the reply of a call: the fields of docs/sut-protocol.md. */
import { type NodeOp, nodeOps, outcomesOf } from "../../check/linear/scheduler/calls.ts";
import {
  anything,
  count,
  duration,
  flag,
  integer,
  listOf,
  nullable,
  objectOf,
  oneOf,
  optional,
  type Required,
  rule,
  text,
} from "../lines/rules.ts";

const wordsOf = (words: readonly string[]): Required => oneOf(Object.fromEntries(words.map((word) => [word, true])));

const wellFormed = rule(
  "a string without lone surrogates",
  (value) => typeof value === "string" && value.isWellFormed(),
);
const yes = rule("true", (value) => value === true);
const version = objectOf({ epoch: wellFormed, sequence: count });
const lease = rule(
  "a number above 0, at most 86400000",
  (value) => typeof value === "number" && value > 0 && value <= 86_400_000,
);

export const opRule = wordsOf(nodeOps);

const common = { id: optional(count), op: opRule, node: wellFormed };

export const requestRules: Readonly<Record<NodeOp, Required>> = {
  register_node: objectOf({
    ...common,
    max_jobs: count,
    ...{ pools: optional(anything), languages: optional(anything), services: optional(anything) },
    ...{ registration: optional(wellFormed), expected: optional(nullable(wellFormed)) },
  }),
  heartbeat: objectOf({
    ...common,
    ...{ incarnation: wellFormed, seq: count, metrics: optional(anything), running: listOf(wellFormed) },
  }),
  offline_node: objectOf({ ...common, incarnation: optional(wellFormed) }),
  reserve_job: objectOf({ ...common, job: wellFormed, lease_ms: optional(lease) }),
  complete_job: objectOf({ ...common, job: wellFormed }),
  release_job: objectOf({ ...common, job: wellFormed }),
  get_node: objectOf(common),
};

const answered = { id: optional(count), ok: optional(yes) };
const outcome = (op: NodeOp): Required => wordsOf(outcomesOf[op]);
const status = wordsOf(["online", "offline", "expired"]);

/** A wrong number of jobs may be below 0, and has to be seen. */
const content = objectOf({
  ...{ node: optional(wellFormed), status, incarnation: wellFormed, version: optional(version), max_jobs: count },
  ...{ finished: optional(count), current_jobs: integer, health_milli: optional(count) },
  ...{ pools: optional(anything), languages: optional(anything), services: optional(anything) },
});

export const replyRules: Readonly<Record<NodeOp, Required>> = {
  register_node: objectOf({
    ...answered,
    ...{ incarnation: nullable(wellFormed), outcome: optional(outcome("register_node")), version: optional(version) },
  }),
  heartbeat: objectOf({ ...answered, outcome: optional(outcome("heartbeat")), version: optional(version) }),
  offline_node: objectOf({ ...answered, outcome: optional(outcome("offline_node")), version: optional(version) }),
  reserve_job: objectOf({ ...answered, outcome: outcome("reserve_job"), version: optional(version) }),
  complete_job: objectOf({ ...answered, outcome: outcome("complete_job"), version: optional(version) }),
  release_job: objectOf({ ...answered, outcome: outcome("release_job"), version: optional(version) }),
  get_node: objectOf({
    ...answered,
    ...{ found: flag, source: wordsOf(["l1", "l2", "redis", "miss", "none"]), age_ms: nullable(duration), stale: flag },
    ...{ status: optional(status), version: optional(version), current_jobs: optional(integer) },
    ...{ max_jobs: optional(count), mode: optional(text), content: optional(content) },
  }),
};

export const errorRule = objectOf({
  id: optional(nullable(count)),
  error: objectOf({ code: text, message: optional(text), definite: flag }),
});

/** Codes for which `definite` counts, as in docs/sut-protocol.md. A call that fails with any other may have happened. */
export const knownCodes: ReadonlySet<string> = new Set([
  ...["invalid", "unsupported", "not_ready", "unknown_node", "deadline", "disconnected", "overloaded", "readonly"],
  ...["loading", "busy", "out_of_memory", "denied", "wrong_type", "moved", "layout_mismatch", "protocol", "aborted"],
  ...["closed", "internal"],
]);
