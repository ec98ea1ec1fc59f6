/** The published package: types that can be named, docstrings that say what a user needs, and etc/api.md, which is printed from them. */
import { afterAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { settingsSchema } from "../../src/scheduler/settings.ts";
import { sourcesAtTop } from "../house/sources.ts";
import { type Declaration, Declarations, membersOf } from "./declarations.ts";

const declarations = new Declarations();
afterAll(() => declarations[Symbol.dispose]());

const manifest = z.object({ exports: z.record(z.string(), z.union([z.string(), z.object({ types: z.string() })])) });
const { exports: entries } = manifest.parse(JSON.parse(sourcesAtTop("package.json")[0]?.text ?? ""));
/** Declarations, below the folder in which they are built, by the entry points that have them. */
const typed = [
  ...Map.groupBy(
    Object.entries(entries).flatMap(([name, entry]) =>
      typeof entry === "string" ? [] : [{ name, path: entry.types }],
    ),
    ({ path }) => path.replace("./dist/", ""),
  ),
].map(([path, points]) => [points.map(({ name }) => `lockproof${name.slice(1)}`).join(", "), path] as const);

/** Shorthand for a part of other types, which no program needs to name. */
const shorthand: readonly string[] = [
  "At in src/protocol/replies.d.ts",
  "Complaint in src/redis/errors.d.ts", // the same as that of the scheduler's errors
  "Credentials in src/redis/connection/topology.d.ts",
  "Listed in src/scheduler/migration/registry.d.ts",
  "Placed in src/protocol/replies.d.ts",
  "Problem in src/scheduler/migration/reconciler.d.ts",
  "ProblemCause in src/scheduler/migration/reconciler.d.ts",
  "Said in src/scheduler/migration/registry.d.ts",
  "Sized in src/protocol/requests.d.ts",
  "Word in src/scheduler/migration/legacy.d.ts",
  "differenceKinds in src/scheduler/migration/differences.d.ts",
  "scenarioSchema in scenarios/declare/declare.d.ts",
];

describe("every type that a public signature needs is exported", () => {
  const paths = typed.map(([, path]) => path);

  it.each(typed)("of %s", (_, path) => {
    expect(declarations.unnameable(path, paths).filter((one) => !shorthand.includes(one))).toEqual([]);
  });
});

const scheduler = declarations.exportsOf("src/embed/scheduler.d.ts");

function commentsOf(name: string): ReadonlyMap<string, string> {
  const declaration = scheduler.get(name);
  if (declaration === undefined) throw new Error(`${name} is not exported`);
  const members = [...membersOf(declaration)];
  return new Map(members.map(([member, node]) => [member, declarations.commentOf(declaration.path, node)]));
}

const property = z.object({
  default: z.unknown(),
  type: z.string().optional(),
  minimum: z.number().optional(),
  maximum: z.number().optional(),
  enum: z.array(z.string()).optional(),
});
const numberText = (value: number): string => value.toLocaleString("en", { maximumFractionDigits: 3 });

/** How the docstring of a setting has to end. */
function endingOf(schema: unknown): string {
  const { default: usual, enum: words, maximum = 0, minimum = 0 } = property.parse(schema);
  if (words !== undefined) return `${words.slice(0, -1).join(", ")} or ${words.at(-1)}; default ${usual}.`;
  if (typeof usual === "number")
    return `${numberText(minimum)} to ${numberText(maximum)}; default ${numberText(usual)}.`;
  const weights = Object.entries(usual ?? {}).map(([name, weight]) => `${name} ${weight}`);
  return `Each 0 to 1,000,000; default ${weights.join(", ")}.`;
}

describe("the published docstrings", () => {
  const { properties = {} } = z.toJSONSchema(settingsSchema, { io: "input" });
  const settings = commentsOf("Settings");

  it("are there for every setting, and for nothing else", () => {
    expect([...settings.keys()]).toEqual(Object.keys(properties));
  });

  it.each(Object.entries(properties))(
    "give effect, unit, range and default of %s, as the schema has them",
    (name, schema) => {
      const comment = settings.get(name) ?? "";
      expect(comment).toMatch(/^[A-Z][^.]{20,}\. \S/u);
      expect(comment.endsWith(endingOf(schema)), `${comment} ends with ${endingOf(schema)}`).toBe(true);
      const isWhole = property.parse(schema).type === "integer";
      expect(/Whole (?:number|milliseconds), [^;]*; default/u.test(comment)).toBe(isWhole);
      const isCounted = property.parse(schema).type === "number";
      expect(/(?:Milliseconds|Share), [^;]*; default/u.test(comment)).toBe(isCounted);
    },
  );

  it("say of every method of the scheduler what it does, what it answers or throws, and how long it takes", () => {
    const waits = [
      "start",
      "close",
      "registerNode",
      "heartbeat",
      "offlineNode",
      "reserveJob",
      "completeJob",
      "releaseJob",
    ];
    const methods = commentsOf("Scheduler");
    const lacking = [...methods].filter(([name, comment]) => {
      const isBrief = comment.length < 40;
      const isSilent = !/@returns|@throws|at once/u.test(comment);
      return isBrief || isSilent || (waits.includes(name) && !/@throws/u.test(comment));
    });
    expect(methods.size).toBe(16);
    expect(lacking).toEqual([]);
    const whole = declarations.commentOf("src/scheduler/api.d.ts", (scheduler.get("Scheduler") as Declaration).node);
    expect(whole).toContain("within `writeDeadline` and `deadlineGrace`");
  });

  it.each([
    "SchedulerOptions",
    "NodeAnswer",
    "RegisterRequest",
    "HeartbeatRequest",
    "DispatchOptions",
    "ReserveOptions",
  ])("are there in %s", (name) =>
    expect([...commentsOf(name).values()].filter((comment) => comment !== "").length).toBeGreaterThan(1),
  );
});

/** docs/settings.md: the docstrings as a table. */
function settingsPage(): string {
  const { properties = {} } = z.toJSONSchema(settingsSchema, { io: "input" });
  const comments = commentsOf("Settings");
  const rows = Object.entries(properties).map(([name, schema]) => {
    const { default: usual, enum: words, maximum, minimum } = property.parse(schema);
    const ofWeights = typeof usual === "object" && usual !== null;
    const range = ofWeights
      ? "0–1,000,000 each"
      : (words?.join(", ") ?? `${numberText(minimum ?? 0)}–${numberText(maximum ?? 0)}`);
    const weights = ofWeights ? Object.entries(usual).map(([metric, weight]) => `${metric} ${weight}`) : [];
    const shown = ofWeights ? weights.join(", ") : typeof usual === "number" ? numberText(usual) : String(usual);
    const effect = (comments.get(name) ?? "").replace(
      /\. (?:Milliseconds|Whole |Share|Each|none, )[^;]*; default .*$/u,
      "",
    );
    return `| \`${name}\` | ${shown} | ${range} | ${effect} |`;
  });
  return [
    "# Settings",
    "",
    "Reference, for developers who embed the scheduler and for authors of judges. Printed from `src/scheduler/settings.ts`.",
    "",
    "`createScheduler({ settings })` takes any of these. The judges take their bounds from this table. Durations are milliseconds. Counts, `lease`, `retention` and `doneFor` are whole numbers.",
    "",
    "| setting | default | range | |",
    "| --- | ---: | --- | --- |",
    ...rows,
    "",
    "Settings that contradict each other are refused with a `SettingsError`:",
    "",
    "- `readDeadline` + `deadlineGrace` ≤ `budget`; `missTtl` ≤ `l1Ttl` ≤ `l2Ttl`;",
    "- `pulseInterval` ≤ `pollInterval` ≤ `l2Ttl` less its spread and one read;",
    "- `dwell` ≤ `dwellMax`; `sweepInterval` ≤ `retention`; at least one weight above 0.",
    "",
  ].join("\n");
}

it("docs/settings.md is printed from the docstrings", async () => {
  await expect(settingsPage()).toMatchFileSnapshot("../../docs/settings.md");
});

/** Every exported name with its declaration; one that several entry points export is printed once. */
function apiPage(): string {
  const printed = new Map<string, string>();
  const sections = typed.map(([name, path]) => {
    const own = [...declarations.exportsOf(path)].sort(([one], [other]) => one.localeCompare(other, "en"));
    const also = own.filter(([, { name: one, path: at }]) => printed.has(`${at} ${one}`));
    const blocks = own
      .filter((entry) => !also.includes(entry))
      .map(([, declaration]) => {
        printed.set(`${declaration.path} ${declaration.name}`, name);
        return declaration.text;
      });
    const others = also.length === 0 ? [] : ["", `Also, as above: ${also.map(([one]) => one).join(", ")}.`];
    return [
      `## ${name}`,
      "",
      ...(blocks.length === 0 ? [] : ["```ts", blocks.join("\n\n"), "```"]),
      ...others,
      "",
    ].join("\n");
  });
  return [
    "# Public surface",
    "",
    "Printed from the built declarations by `vitest run -u test/package/surface.test.ts`.",
    "",
    ...sections,
  ].join("\n");
}

it("etc/api.md is the public surface", async () => {
  await expect(apiPage()).toMatchFileSnapshot("../../etc/api.md");
});
