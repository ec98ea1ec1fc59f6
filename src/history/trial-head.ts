/** The first line of a run's history: what ran, by which bounds it is judged, and by which properties. */
import { z } from "zod";
import { redisTopologies } from "../../scenarios/fault-places.ts";
import { findScenario } from "../../scenarios/registry.ts";
import type { Bounds, Terms } from "../check/judgement.ts";
import { type PropertyId, propertyIds } from "../check/properties.ts";
import { nearest } from "../report/nearest.ts";

const hour = 3_600_000;
const millis = z.number().positive().max(hour);
/** A claim that is held against more than this says nothing. */
const bound = z.number().positive().max(600_000);

const boundsSchema = z.strictObject({ budget: bound, recovery: bound, convergence: bound, staleness: bound });
const termsSchema = z.strictObject({
  missTtl: millis,
  l1Ttl: millis,
  heartbeatTtl: millis,
  ttlSpread: z.number().min(0).max(0.5),
  feedMax: z.int().positive().max(1_000_000),
  lease: z
    .number()
    .positive()
    .max(24 * hour)
    .exactOptional(),
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

/** A type that is not the judges' would not compile here. */
type Judged = { readonly bounds: Bounds; readonly terms: Terms };
const asJudged = (head: StoredHead): Judged => head;

/** What is wrong with a head, and what was probably meant. */
export interface WrongHead {
  readonly found: string;
  readonly fix?: string;
}

export function readHead(head: unknown): (StoredHead & Judged) | WrongHead {
  const parsed = headSchema.safeParse(head);
  if (parsed.success) return { ...parsed.data, ...asJudged(parsed.data) };
  const { issues } = parsed.error;
  // A field that is misspelt is also one that is missing: what was written says more.
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

function meant(word: string, known: readonly string[]): { readonly fix?: string } {
  const near = nearest(word, known);
  return near === undefined ? {} : { fix: `did you mean ${near}?` };
}

/** Bounds that are wider than the scenario of that name declares: what is held against them is not what it claims. */
export function wideBounds({ bounds, scenario: name }: StoredHead): readonly string[] {
  const declared = findScenario(name);
  if (declared === undefined) return [];
  const { D3, V3 } = declared.eventually;
  const allowed: Partial<Bounds> = {
    ...(D3 === undefined ? {} : { recovery: D3.within }),
    ...(V3 === undefined ? {} : { convergence: V3.within }),
    staleness: declared.staleness,
  };
  return (["recovery", "convergence", "staleness"] as const).flatMap((which) => {
    const most = allowed[which] ?? Number.POSITIVE_INFINITY;
    return bounds[which] <= most ? [] : [`${which} ${bounds[which]} ms, and ${name} declares ${most} ms`];
  });
}
