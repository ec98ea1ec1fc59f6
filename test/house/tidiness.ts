/** Rules that the linter does not have. Each returns one line for each violation. */
import { moduleOf } from "./modules.ts";
import type { Source } from "./sources.ts";
import { importsOf, namesIn } from "./syntax.ts";

/** Modules that use time and randomness; all others get them through ports. */
const adapters: readonly string[] = [
  "src/lab",
  "src/redis",
  "src/inject",
  "src/bench",
  "src/mutate",
  "src/verify",
  "src/cli",
];

/** Single files of other modules: the simulator's control of the event loop, and its guards against time and randomness. */
const adapterFiles: readonly string[] = ["src/simulate/world/drain.ts", "src/simulate/world/guards.ts"];

const timeAndChance: readonly string[] = [
  "Date",
  "performance",
  "setTimeout",
  "setInterval",
  "setImmediate",
  "Math.random",
  "AbortSignal.timeout",
  "process.hrtime",
  "process.uptime",
  "randomUUID",
  "randomBytes",
  "randomInt",
  "crypto.randomUUID",
  "crypto.getRandomValues",
];
const modulesOfTime: readonly string[] = ["node:timers", "node:timers/promises", "node:perf_hooks"];
const globals = /^(globalThis|global)\./;

export function timeOrChance(source: Source): readonly string[] {
  if (adapters.includes(moduleOf(source.path)) || adapterFiles.includes(source.path)) return [];
  const names = [...namesIn(source)].map((name) => name.replace(globals, ""));
  const used = [...new Set(names)].filter((name) => timeAndChance.includes(name));
  return [...used, ...importsOf(source).filter((specifier) => modulesOfTime.includes(specifier))].map(
    (name) => `${source.path} uses ${name}: take it from a port`,
  );
}

const mostLines = 400;

export function tooLong({ path, text }: Source): readonly string[] {
  const lines = text.split("\n").length - 1;
  return lines > mostLines ? [`${path} has ${lines} lines, allowed ${mostLines}: one noun a file`] : [];
}

/** A file with a meaningless name. */
export function misnamed(source: Source): readonly string[] {
  const name = source.path.split("/").at(-1) ?? "";
  const says = !/^(utils?|helpers?|common|misc)\./.test(name);
  return says ? [] : [`${source.path}: name it after what is in it`];
}

const topLevelAllowed: readonly string[] = [
  ...[".ci", ".git", ".github", ".gitignore", ".npmrc", "node_modules", "coverage", "dist", "reports"],
  ...["CHANGELOG.md", "CONTRIBUTING.md", "DEVELOPERS.md", "LICENSE", "README.md", "README.zh-CN.md"],
  ...["action.yml", "docs", "etc", "examples", "lua", "model", "packages", "scenarios", "src", "test"],
  ...[
    "biome.json",
    "cspell.json",
    "knip.json",
    "package-lock.json",
    "package.json",
    "tsconfig.build.json",
    "tsconfig.json",
  ],
  "vitest.config.ts",
];

export function strays(entries: readonly string[]): readonly string[] {
  return entries
    .filter((entry) => !topLevelAllowed.includes(entry) && !entry.endsWith(".tgz"))
    .map((entry) => `${entry} does not belong at the top: see topLevelAllowed in test/house/tidiness.ts`);
}

/** Paths of one machine: a home, a workplace, a temporary folder. */
const machinePath = /(?<![\w.])\/(?:root|home\/[a-z]|work|tmp\/[\w.-]+)\b/;

export function machinePaths({ path, text }: Source): readonly string[] {
  const found = machinePath.exec(text)?.[0];
  return found === undefined ? [] : [`${path} names ${found}: a path of one machine`];
}
