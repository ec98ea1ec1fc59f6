/** The first line of a run's history: the run, its bounds and its properties. */
import { z } from "zod";
import { boundsOf } from "../../../scenarios/declare/bounds.ts";
import { redisTopologies } from "../../../scenarios/declare/fault-places.ts";
import { findScenario, scenarios } from "../../../scenarios/registry.ts";
import type { Bounds, Terms } from "../../check/judgement.ts";
import { type PropertyId, propertyIds } from "../../check/properties.ts";
import { nearest } from "../../evidence/nearest.ts";
import { whyNotJudged } from "../../judges/recorded/judges.ts";

const hour = 3_600_000;
/** The limits of src/scheduler/settings.ts and scenarios/declare/declare.ts. */
const setting = z
  .number()
  .positive()
  .max(24 * hour);
const bound = z.number().positive().max(hour);

const boundsSchema = z.strictObject({ budget: bound, recovery: bound, convergence: bound, staleness: bound });
const termsSchema = z.strictObject({
  missTtl: setting,
  l1Ttl: setting,
  heartbeatTtl: setting,
  ttlSpread: z.number().min(0).max(0.5),
  feedMax: z.int().positive().max(1_000_000),
  page: z.int().positive().max(1_000).exactOptional(),
  lease: z
    .number()
    .positive()
    .max(24 * hour)
    .exactOptional(),
  doneMax: z.int().positive().max(100_000).exactOptional(),
  doneFor: z
    .number()
    .positive()
    .max(24 * hour)
    .exactOptional(),
  sweepInterval: setting.exactOptional(),
  writeLimit: setting.exactOptional(),
  writeTimeout: setting.exactOptional(),
  readLimit: setting.exactOptional(),
  maxEntries: z.int().positive().max(10_000_000).exactOptional(),
  localOnlyBy: setting.exactOptional(),
  writesStopBy: setting.exactOptional(),
  dispatchWrites: z.int().positive().max(1_000).exactOptional(),
});

const headSchema = z.strictObject({
  kind: z.literal("trial"),
  scenario: z.string().regex(/^[a-z][a-z0-9-]{0,60}$/),
  redis: z.enum(redisTopologies).default("single"),
  seed: z.int().min(0).max(0xffffffff),
  side: z.enum(["fault", "control"]),
  instances: z.int().min(1).max(100),
  bounds: boundsSchema,
  terms: termsSchema,
  properties: z
    .array(z.enum(propertyIds as [PropertyId, ...PropertyId[]]))
    .min(1)
    .exactOptional(),
  drawn: z.looseObject({}).exactOptional(),
});

export type StoredHead = z.infer<typeof headSchema>;

/** Fails to compile where the types of the judges differ. */
type Judged = { readonly bounds: Bounds; readonly terms: Terms };
const asJudged = (head: StoredHead): Judged => head;

/** The error in a first line, and what was probably meant. */
export interface WrongHead {
  readonly found: string;
  readonly fix?: string | undefined;
}

export function readHead(head: unknown): (StoredHead & Judged) | WrongHead {
  const parsed = headSchema.safeParse(head);
  if (parsed.success) return { ...parsed.data, ...asJudged(parsed.data) };
  const { issues } = parsed.error;
  // A misspelt field is reported as unknown, not as missing.
  const issue = issues.find(({ code }) => code === "unrecognized_keys") ?? issues[0];
  if (issue === undefined) return { found: "the first line is not about a run" };
  const path = issue.path.map(String).join(".");
  if (issue.code === "unrecognized_keys") {
    const [key = ""] = issue.keys;
    return { found: `unknown field ${JSON.stringify(key)}${path && ` in ${path}`}`, ...meant(key, knownAt(path)) };
  }
  const value = issue.path.reduce<unknown>((at, step) => (at as Readonly<Record<PropertyKey, unknown>>)?.[step], head);
  const word = typeof value === "string" && path.startsWith("properties") ? meant(value, propertyIds) : {};
  return { found: `${path} is ${JSON.stringify(value) ?? "missing"}: ${issue.message}`, ...word };
}

function knownAt(path: string): readonly string[] {
  if (path === "bounds") return Object.keys(boundsSchema.shape);
  if (path === "terms") return Object.keys(termsSchema.shape);
  return Object.keys(headSchema.shape);
}

function meant(word: string, known: readonly string[]): Pick<WrongHead, "fix"> {
  const near = nearest(word, known);
  return { fix: near && `did you mean ${near}?` };
}

/** Bounds that are wider than those of the scenario, or, for an unknown scenario, than those of any. */
export function wideBounds({ bounds, scenario: name }: StoredHead): readonly string[] {
  const declared = findScenario(name);
  const allowed = (declared === undefined ? scenarios : [declared]).map(boundsOf);
  const by = declared === undefined ? "any scenario" : name;
  return (["budget", "recovery", "convergence", "staleness"] as const).flatMap((which) => {
    const most = Math.max(...allowed.map((one) => one[which]));
    return bounds[which] <= most ? [] : [`${which} ${bounds[which]} ms, and ${by} has at most ${most} ms`];
  });
}

/** Properties that the scenario claims, but the first line does not name. */
export function notJudged({ drawn, properties, scenario: name }: StoredHead): readonly PropertyId[] {
  const declared = findScenario(name);
  if (declared === undefined || properties === undefined) return [];
  const claimed = new Set<string>([...declared.always, ...Object.keys(declared.eventually)]);
  // Those that a draw leaves out are named in it.
  const left = Object.keys(drawn?.["not_judged"] ?? {});
  return propertyIds.filter(
    (id) =>
      claimed.has(id) && whyNotJudged(id, declared) === undefined && !properties.includes(id) && !left.includes(id),
  );
}
