/** The modules and the modules that each may import: the only statement of the direction of imports. */
import { posix } from "node:path";
import type { Source } from "./sources.ts";
import { importsOf } from "./syntax.ts";

/** A module may import itself and what is listed here: whole modules, or single files. */
const permitted: Readonly<Record<string, readonly string[]>> = {
  model: [],
  "src/protocol": [],
  "src/scheduler": ["src/protocol"],
  "src/lab": [],
  "src/check": ["src/protocol"],
  "src/judges": ["src/check"],
  scenarios: ["src/check"],
  "src/evidence": ["src/check"],
  "src/files": ["src/evidence/failure.ts"],
  "src/report": ["src/check", "src/evidence", "src/files"],
  "src/redis": ["src/protocol", "src/scheduler/ports.ts", "src/files/file-kind.ts"],
  "src/embed": ["src/protocol", "src/scheduler", "src/redis"],
  "src/sut": ["src/protocol", "src/scheduler", "src/redis", "src/evidence/failure.ts"],
  "src/mutants": ["scenarios", "src/scheduler", "src/redis", "src/evidence/failure.ts"],
  "src/history": [
    "scenarios",
    "src/inject/assumptions.ts",
    "src/inject/declared/cuts-off.ts",
    "src/inject/declared/met-faults.ts",
    "src/inject/declared/planned.ts",
    "src/inject/declared/terms.ts",
    "src/judges",
    "src/check",
    "src/evidence",
    "src/files",
  ],
  "src/load": ["scenarios", "src/protocol", "src/check", "src/scheduler"],
  "src/explore": ["model", "src/lab/process/thread.ts", "src/check", "src/evidence"],
  "src/conform": ["model", "src/mutants", "src/redis", "src/lab", "src/check", "src/evidence"],
  "src/simulate": [
    "model",
    "scenarios",
    "src/load",
    "src/scheduler",
    "src/embed/metrics.ts",
    "src/redis/connection/defaults.ts",
    "src/judges",
    "src/protocol",
    "src/check",
    "src/evidence",
  ],
  "src/inject": [
    "scenarios",
    "src/load",
    "src/sut",
    "src/mutants",
    "src/scheduler",
    "src/redis",
    "src/embed",
    "src/lab",
    "src/judges",
    "src/protocol",
    "src/check",
    "src/evidence",
  ],
  "src/reproduce": [
    "scenarios",
    "src/history",
    "src/simulate",
    "src/load/plan/drawn-on-servers.ts",
    "src/load/plan/seeded-random.ts",
    "src/scheduler",
    "src/judges",
    "src/protocol",
    "src/check",
    "src/evidence",
  ],
  "src/lockstep": [
    "model",
    "scenarios",
    "src/simulate",
    "src/scheduler",
    "src/conform",
    "src/mutants",
    "src/redis",
    "src/lab",
    "src/check",
    "src/evidence",
  ],
  "src/bench": [
    "scenarios",
    "src/load/plan/seeded-random.ts",
    "src/scheduler",
    "src/redis",
    "src/embed",
    "src/lab",
    "src/protocol",
    "src/check",
    "src/evidence",
  ],
  "src/watch": [
    "src/judges",
    "src/inject/observe/partition-read.ts",
    "src/redis",
    "src/lab/error.ts",
    "src/check",
    "src/evidence",
  ],
  "src/viewer": ["src/judges", "src/report", "src/check", "src/evidence"],
  "src/verify": [
    "scenarios",
    "src/bench",
    "src/conform",
    "src/explore",
    "src/history",
    "src/inject",
    "src/lockstep",
    "src/mutants",
    "src/reproduce",
    "src/simulate",
    "src/sut/command.ts",
    "src/viewer",
    "src/watch",
    "src/lab",
    "src/check",
    "src/evidence",
  ],
  "src/mutate": [
    "scenarios",
    "src/conform",
    "src/inject",
    "src/lockstep",
    "src/simulate",
    "src/redis",
    "src/lab",
    "src/check",
    "src/evidence",
  ],
  "src/compare": ["scenarios", "src/simulate", "src/mutants", "src/check", "src/evidence"],
  "src/cli": [
    "scenarios",
    "src/compare",
    "src/mutate",
    "src/verify",
    "src/viewer",
    "src/explore",
    "src/history",
    "src/lockstep",
    "src/reproduce",
    "src/simulate",
    "src/report",
    "src/redis",
    "src/sut/command.ts",
    "src/sut/schema.ts",
    "src/sut/skeleton.ts",
    "src/lab",
    "src/check",
    "src/evidence",
    "src/files",
  ],
};

/** Modules that get everything through ports: the packages and built-ins that they may use. */
const packagesOf: Readonly<Record<string, readonly string[]>> = { model: [], "src/scheduler": ["zod"] };

/** `src/check` of `src/check/verdict.ts`, `model` of `model/partition/state.ts`. */
export function moduleOf(path: string): string {
  const [first = "", second = ""] = path.split("/");
  return first === "src" ? `src/${second}` : first;
}

function resolve(from: string, specifier: string): string {
  return posix.normalize(posix.join(posix.dirname(from), specifier));
}

/** One line for each import that the table does not permit. */
export function forbiddenImports(sources: readonly Source[]): readonly string[] {
  return sources.flatMap((source) => {
    const module = moduleOf(source.path);
    const allowed = permitted[module];
    if (allowed === undefined)
      return [`${source.path}: the module ${module} is not in the table of test/house/modules.ts`];
    return importsOf(source)
      .filter((specifier) => !mayImport(source.path, specifier, module, allowed))
      .map((specifier) => `${source.path} may not import ${specifier}`);
  });
}

function mayImport(path: string, specifier: string, module: string, allowed: readonly string[]): boolean {
  if (!specifier.startsWith(".")) return packagesOf[module]?.includes(specifier) ?? true;
  const target = resolve(path, specifier);
  return moduleOf(target) === module || allowed.includes(moduleOf(target)) || allowed.includes(target);
}

/** The first import cycle that each file reaches, as a path that ends where it began. */
export function importCycles(sources: readonly Source[]): readonly string[] {
  const graph = new Map(
    sources.map((source) => [
      source.path,
      importsOf(source)
        .filter((specifier) => specifier.startsWith("."))
        .map((specifier) => resolve(source.path, specifier)),
    ]),
  );
  const found: string[] = [];
  const done = new Set<string>();
  const follow = (path: string, trail: readonly string[]): void => {
    const start = trail.indexOf(path);
    if (start >= 0) found.push([...trail.slice(start), path].join(" -> "));
    if (start >= 0 || done.has(path)) return;
    for (const target of graph.get(path) ?? []) follow(target, [...trail, path]);
    done.add(path);
  };
  for (const path of graph.keys()) follow(path, []);
  return found;
}
