/**
 * Texts that an argument of a script must not have (docs/protocol.md, sections 1, 3 and 4), by what is wrong with them. A call of the model has no
 * texts, so only these show whether a script checks them.
 */
import type { Command, ConfigCommand } from "../../../model/partition/command.ts";
import { contracts, type ScriptName } from "../../redis/scripts/contract.ts";
import type { ScriptCall } from "../../redis/scripts/wire.ts";
import { bytesOf } from "../store/raw-bytes.ts";
import type { CallMove } from "./plan.ts";

/** One text, or several in place of a list of arguments. */
type Text = string | readonly string[];
type Texts = Readonly<Record<string, Text>>;

/** The texts of one argument. */
interface Domain {
  readonly wrong: Texts;
  /** Texts at both ends of what is allowed; of a list of arguments, several. */
  readonly least: Text;
  readonly most: Text;
}

export interface WrongText {
  /** By the name that it has in the protocol; `keys`: their number is wrong. */
  readonly argument: string;
  /** Says what is wrong. */
  readonly which: string;
  readonly text: Text;
}

const day = 86_400_000;
const digits15 = 999_999_999_999_999;

const range = (low: number, high: number): Domain => ({
  wrong: { too_low: String(low - 1), too_high: String(high + 1) },
  ...{ least: String(low), most: String(high) },
});
/** As `range`, with the ways to write a number that are none of an integer here. */
const integer = (low: number, high: number): Domain => {
  const { wrong, ...allowed } = range(low, high);
  const words = { empty: "", word: "one", exponent: "1e2", fraction: "1.0", plus: "+1", hexadecimal: "0x10" };
  return { wrong: { ...wrong, ...words, line_break: "1\n", sixteen_digits: "0000000000000001" }, ...allowed };
};
const x = (count: number): string => "x".repeat(count);
const bytes = (most: number): Domain => ({ wrong: { too_long: x(most + 1) }, least: "", most: x(most) });
const token: Domain = { wrong: { empty: "", too_long: x(65) }, least: "x", most: x(64) };
const id: Domain = { wrong: { empty: "", too_long: x(257), half_a_character: "\udcd0" }, least: "x", most: x(256) };
const idsOf = (most: number): Domain => ({ ...id, least: [], most: Array.from({ length: most }, () => x(256)) });
const flag: Domain = { wrong: { other: "2", word: "true", padded: "00", empty: "" }, least: "0", most: "1" };
const share: Domain = { wrong: { too_high: "1000000000.5", negative: "-1" }, least: "", most: "1000000000" };
const metric: Domain = {
  wrong: {
    ...share.wrong,
    ...{ ends_in_a_dot: "1.", begins_with_a_dot: ".5", leading_zero: "00.5", two_dots: "1.2.3", word: "nan" },
    ...{ exponent: "1e3", twenty_one_characters: "0.1234567890123456789" },
  },
  ...{ least: "0", most: "0.123456789012345678" },
};

const json = (value: unknown): string => JSON.stringify(value);
const many = (count: number): readonly string[] => Array.from({ length: count }, (_, index) => `s${index}`);
const noArray: Texts = { empty: "", no_json: "[", object: "{}", text: '"a"', members: '{"1":"a"}' };
const services: Domain = {
  wrong: { sixty_five: json(many(65)), one_empty: json(["a", ""]) },
  ...{ least: "[]", most: json([x(256), ...many(63)]) },
};
const ids: Domain = {
  ...services,
  wrong: {
    ...{ ...noArray, ...services.wrong, number: "[1]", lists: '[["a"]]' },
    ...{ one_too_long: json([x(257)]), hole: '["a",null]' },
  },
};
const pair = (...tags: readonly unknown[]): string => json([tags]);
const pairs = (count: number): string => json(many(count).map((tag) => [`de_${x(32)}`, tag]));
const languages: Domain = {
  wrong: {
    ...{ ...noArray, one_tag: pair("de"), three_tags: pair("de", "en", "fr"), no_pairs: json(["de"]) },
    ...{ numbers: pair(1, 2), long_tag: pair("de", x(36)), empty_tag: pair("de", ""), dot: pair("de", "en.GB") },
    ...{ space: pair("d e", "en"), five_hundred_thirteen: pairs(513) },
  },
  ...{ least: "[]", most: pairs(512) },
};

const loss = (...parts: readonly unknown[]): string => json([parts]);
const losses: Domain = {
  wrong: {
    ...{ ...noArray, no_pairs: "[1]", order_alone: loss(1), text_order: loss("1", "v"), fraction: loss(1.5, "v") },
    ...{ zero: loss(0, "v"), sixteen_digits: loss(1e15, "v"), no_version: loss(1, ""), long_version: loss(1, x(65)) },
    ...{ number_version: loss(1, 2), thousand_and_one: json(many(1001).map((version) => [1, version])) },
  },
  ...{ least: "[]", most: json(many(1000).map(() => [digits15, x(64)])) },
};

const whole = { id: "a", name: "", required_services: [], language_pairs: [] };
const pool = (changed: object): string => json([{ ...whole, ...changed }]);
const pools: Domain = {
  wrong: {
    ...{ ...noArray, number: "[1]", nothing: "[{}]", null: "[null]", more_fields: pool({ weight: 1 }) },
    ...{ no_id: pool({ id: undefined }), no_name: pool({ name: undefined }), null_name: pool({ name: null }) },
    ...{ no_services: pool({ required_services: null }), object_of_services: pool({ required_services: {} }) },
    ...{ no_pairs: pool({ language_pairs: undefined }), object_of_pairs: pool({ language_pairs: {} }) },
    ...{
      service_by_name: pool({ required_services: { a: "b" } }),
      pair_by_name: pool({ language_pairs: { a: ["b", "c"] } }),
    },
    ...{ three_tags: pool({ language_pairs: [["a", "b", "c"]] }), long_tag: pool({ language_pairs: [["a", x(36)]] }) },
    ...{
      line_break: `${pool({})}\n`,
      control: pool({ name: "?" }).replace("?", "\u{1f}"),
      one_more: json([whole, whole]),
    },
  },
  ...{ least: "[]", most: json(Array.from({ length: 10_000 }, () => whole)) },
};

const xs = (count: number): readonly string[] => Array.from({ length: count }, () => "x");
const running: Domain = { ...idsOf(500), wrong: { ...id.wrong, five_hundred_one: xs(501) } };
const release = ["release_job", "2", "x", "x"];
const releases = (count: number): readonly string[] => Array.from({ length: count }, () => release).flat();
const beat = (jobs: number): readonly string[] => ["heartbeat", String(13 + jobs), ...xs(13 + jobs)];
const items: Domain = {
  wrong: {
    ...{ no_such_script: "sweep", no_count: "release_job", empty: "", second_unknown: [...release, "sweep", "0"] },
    ...{ one_too_few: ["release_job", "3", "x", "x"], many_arguments: ["release_job", "1001", ...xs(1001)] },
    ...{ thirty_three: releases(33), many_running: [...beat(200), ...beat(57)] },
    many_running_and_none: ["heartbeat", "0", ...beat(257)],
  },
  ...{ least: release, most: ["release_job", "1000", ...xs(1000), ...releases(31)] },
};

/** The part of a list of arguments that a refusal shows, where that is no text of the list itself. */
const shownOfLists: Readonly<Record<string, string>> = {
  ...{ five_hundred_one: "501 jobs", no_such_script: "sweep", no_count: "nothing", empty: "", second_unknown: "sweep" },
  ...{ one_too_few: "3", many_arguments: "1001", thirty_three: "33 items", many_running: "257 running jobs" },
  many_running_and_none: "257 running jobs",
};

/** The same for all scripts, and more of them for the first. */
const call: Readonly<Record<string, Domain>> = {
  now_ms: { wrong: { negative: "-1" }, least: "", most: String(digits15) },
  partitions: { ...range(1, 4096), wrong: { too_high: "4097" } },
  feed_max: { ...range(1, 1_000_000), wrong: { too_high: "1000001" } },
};

const own: Readonly<Record<ScriptName, Readonly<Record<string, Domain>>>> = {
  register_node: {
    now_ms: { ...range(0, digits15), wrong: { negative: "-1", word: "now", sixteen_digits: "0000000000000001" } },
    ...{ partitions: range(1, 4096), feed_max: range(1, 1_000_000), node: id, registration: token },
    ...{ expected: bytes(64), max_jobs: integer(0, 100_000), ttl_ms: range(1, day), pools: ids, languages, services },
  },
  heartbeat: {
    ...{ node: id, incarnation: token, seq: integer(0, digits15), chunk: range(0, 199), ttl_ms: range(1, day) },
    ...{ lease_ms: range(1, day), health_milli: range(0, 1000), cpu: metric, gpu: share, memory: share, load: share },
    ...{ latency_ms: share, error_rate: share, running },
  },
  offline_node: { node: id, incarnation: token, retention_ms: integer(1, day) },
  reserve_job: { node: id, job: id, lease_ms: integer(1, day), seen: range(0, digits15) },
  complete_job: { node: id, job: id, done_ms: integer(1, day), done_max: range(1, 100_000) },
  release_job: { node: id, job: id },
  group: { items },
  sweep: {
    ...{ retention_ms: integer(1, day), limit: range(1, 100), job_limit: range(1, 1000), gap_ms: range(1, day) },
    ...{ grace_ms: range(0, day), offset: range(0, digits15), candidates: idsOf(100) },
  },
  changes_since: {
    ...{ epoch: bytes(64), sequence: integer(0, digits15), limit: range(0, 10_000), max_bytes: range(1, 1_048_576) },
  },
  read_orphans: { after: integer(0, digits15), limit: range(1, 1000) },
  ack_orphans: { losses },
  snapshot: { after: bytes(256), limit: integer(0, 1000), max_bytes: range(1, 1_048_576) },
  put_config: {
    ...{ expected: bytes(64), enabled: flag, pool_count: integer(0, 10_000), hash_seed: range(0, 4_294_967_295) },
    ...{ fallback_scan_all_pools: flag, pools },
  },
};

const domainsOf = (script: ScriptName): Readonly<Record<string, Domain>> => ({ ...call, ...own[script] });

/** Calls with too few keys, since those are checked last: with all else as it is, at the least, and at the most that is allowed; and with too many. */
const ofKeys = (script: ScriptName): Texts => ({
  ...{ one_less: "", at_the_least: "", at_the_most: "" },
  // A snapshot takes as many records as it gets.
  ...(script === "snapshot" ? {} : { one_more: "" }),
});

/** The next argument is wrong too, and not named. */
const andTheNext = "and_the_next";

function textsOf(script: ScriptName, argument: string): Texts {
  if (argument === "keys") return ofKeys(script);
  const wrong: Texts = domainsOf(script)[argument]?.wrong ?? {};
  const [first] = Object.values(wrong);
  return first === undefined ? {} : { ...wrong, [andTheNext]: first };
}

/** All of one script: `argument` by `which`. */
export function wrongTexts(script: ScriptName): readonly Omit<WrongText, "text">[] {
  return argumentsOf(script).flatMap((argument) =>
    Object.keys(textsOf(script, argument)).map((which) => ({ argument, which })),
  );
}

/** Absent where the script has no such argument, or no such text is known. */
export function wrongText(script: ScriptName, wrong: Omit<WrongText, "text">): WrongText | undefined {
  const text = textsOf(script, wrong.argument)[wrong.which];
  return text === undefined ? undefined : { ...wrong, text };
}

/** Where a call of the plan is made by a script of another name. */
const scripts: Readonly<Record<string, ScriptName>> = { read_config: "snapshot", config_changes: "changes_since" };

/** @param call the name of a command or of a move */
export function scriptOf(call: Command["kind"] | ConfigCommand["kind"] | CallMove["do"]): ScriptName {
  return scripts[call] ?? (call as ScriptName);
}

/** The call with that text. */
export function withText(plain: ScriptCall, { argument, text, which }: WrongText): ScriptCall {
  if (argument === "keys") return withKeys(plain, which);
  const changed = replaced(plain, argument, text);
  if (which !== andTheNext) return changed;
  const all = argumentsOf(plain.script);
  const next = all[all.indexOf(argument) + 1] ?? "keys";
  const [other = ""] = Object.values(textsOf(plain.script, next));
  return next === "keys" ? withKeys(changed, "one_less") : replaced(changed, next, other);
}

function withKeys(plain: ScriptCall, which: string): ScriptCall {
  const { keys, script } = plain;
  if (which === "one_more") return { ...plain, keys: [...keys, ...keys.slice(0, 1)] };
  const less = { ...plain, keys: keys.slice(0, -1) };
  if (which === "one_less") return less;
  const end = which === "at_the_least" ? "least" : "most";
  return { ...less, args: contracts[script].args.flatMap((name) => domainsOf(script)[name]?.[end] ?? []) };
}

const isList: ReadonlySet<string> = new Set(["running", "candidates", "items"]);

/** A list of arguments is those texts alone. */
function replaced(plain: ScriptCall, argument: string, text: Text): ScriptCall {
  const { args, script } = plain;
  const at = argumentsOf(script).indexOf(argument);
  if (isList.has(argument) || typeof text !== "string")
    return { ...plain, args: [...args.slice(0, at), ...(typeof text === "string" ? [text] : text)] };
  const counted = script === "put_config" && argument === "pools" ? args.with(at - 3, "1") : args;
  return { ...plain, args: counted.with(at, text) };
}

/** In the order in which they are checked. */
function argumentsOf(script: ScriptName): readonly string[] {
  return [...contracts[script].args, "keys"];
}

/** The one that is named where two are wrong. */
export function firstOf(script: ScriptName, one: string, other: string): string {
  return argumentsOf(script).find((argument) => argument === one || argument === other) ?? one;
}

/** Arguments of which the refusal shows a part, or a number, in place of their text. */
const inParts: ReadonlySet<string> = new Set(["keys", "losses"]);

/** The text as a refusal has to show it; absent where it shows something else. */
export function shownText(script: ScriptName, { argument, text, which }: WrongText): string | undefined {
  if (argument === "items" || typeof text !== "string") return shownOfLists[which];
  if (inParts.has(argument) || (script === "put_config" && argument === "pools")) return undefined;
  const shown = Buffer.from(bytesOf(text)).subarray(0, 40);
  return shown.toString().replace(/\p{Cc}/gu, "?");
}
