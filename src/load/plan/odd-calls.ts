/**
 * Calls with one argument at a limit that docs/protocol.md (section 1), docs/instance.md or docs/sut-protocol.md names: the last values that are allowed,
 * and the first that are not. A list is given by its entries, or by their number.
 */
import type { Op } from "../../check/history.ts";

export interface LimitCall {
  readonly op: Op;
  readonly argument: string;
  readonly value: unknown;
  readonly isAllowed: boolean;
}

interface Limit {
  readonly allowed: readonly unknown[];
  readonly refused: readonly unknown[];
}

/** Characters of two and of three bytes. */
const [two, three] = ["é", "結"];
const longest = `${three.repeat(85)}x`;

const anyId: Limit = {
  allowed: ["x", "x".repeat(256), two.repeat(128), longest],
  refused: ["", "x".repeat(257), `${two.repeat(128)}x`, "\ud800", "x\udc00", 7, null],
};
const id: Limit = { allowed: [longest], refused: ["", `${longest}x`, 7] };
const token: Limit = { allowed: [`${"0".repeat(32)}:${"1".padStart(31, "0")}`], refused: ["", "1".repeat(65), 7] };
const name: Limit = { allowed: ["", longest], refused: [`${longest}x`, "\ud800", 7] };
const language: Limit = { allowed: ["x", "aZ09_-".padEnd(35, "x")], refused: ["", "x".repeat(36), "d e", two, 7] };
const flag: Limit = { allowed: [true, false], refused: ["yes", 1, null] };

function integer(least: number, most: number): Limit {
  return { allowed: [least, most], refused: [least - 1, most + 1, least + 0.5, String(most)] };
}

function atMost(entries: number): Limit {
  return { allowed: [0, entries], refused: [entries + 1] };
}

/** Also a list in another order than the store's, and with an entry twice. */
function anyList(entries: number, unsorted: readonly string[]): Limit {
  const { allowed, refused } = atMost(entries);
  return { allowed: [...allowed, unsorted], refused };
}

/** Two bytes of UTF-16 sort otherwise than the four of UTF-8. */
const pairs = ["b", "a_b", "a-b", "aB", "a", "b"];
const unsorted = ["\u{1f9e9}", "b", "\uffee", "a", "ab", "b"];
const lease = integer(1, 86_400_000);

const limits: readonly (readonly [Op, Readonly<Record<string, Limit>>])[] = [
  ["get_node", { node: anyId }],
  ["select_nodes", { pool: id, key: id, service: id, source: language, target: language, count: integer(1, 1_000) }],
  ["dispatch", { job: id, pool: id, key: id, service: id, source: language, attempts: integer(1, 100), lease }],
  ["reserve_job", { node: id, job: id, lease }],
  ["complete_job", { node: id, job: id }],
  ["release_job", { node: id, job: id }],
  [
    "heartbeat",
    {
      node: id,
      seq: integer(0, 999_999_999_999_999),
      incarnation: token,
      job: id,
      running: { allowed: [0, 500, 1_001], refused: [100_001] },
    },
  ],
  ["offline_node", { node: id, incarnation: token }],
  [
    "register_node",
    {
      ...{ node: id, registration: token, expected: token, max_jobs: integer(0, 100_000) },
      ...{ pool: id, service: id, source: language, target: language },
      ...{ pools: anyList(64, unsorted), services: anyList(64, unsorted), languages: anyList(512, pairs) },
    },
  ],
  [
    "put_config",
    {
      ...{ enabled: flag, fallback_scan_all_pools: flag, hash_seed: integer(0, 0xffff_ffff) },
      ...{ pool: id, name, service: id, source: language, target: language },
      ...{
        services: anyList(64, unsorted),
        languages: anyList(512, pairs),
        pools: { allowed: [0, 3], refused: [10_001] },
      },
      // The others say of one pool that it is one.
      ...{ pool_count: { allowed: [1], refused: [0, 2, -1, 1.5] }, twice: { allowed: [], refused: [true] } },
    },
  ],
];

export const limitCalls: readonly LimitCall[] = limits.flatMap(([op, own]) =>
  Object.entries(own).flatMap(([argument, { allowed, refused }]) => [
    ...allowed.map((value) => ({ op, argument, value, isAllowed: true })),
    ...refused.map((value) => ({ op, argument, value, isAllowed: false })),
  ]),
);
