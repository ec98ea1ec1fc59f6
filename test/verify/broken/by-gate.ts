/**
 * `node test/verify/broken/by-gate.ts [--seed 1] [--only together,alone,figures] [--layer simulate]`: whether `verify --profile quick` names every broken
 * promise, each alone and all at once, and every changed figure. Each is a copy of the checkout with that scheduler, and a whole quick profile of its own:
 * so it is not a test, and takes half an hour.
 */
import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import type { SchedulerMutant } from "../../../scenarios/mutants/scheduler/mutant.ts";
import { type Broken, brokenFigures, brokenPromises, togetherOf } from "./promises.ts";

const root = fileURLToPath(new URL("../../..", import.meta.url));
const { values } = parseArgs({
  options: {
    seed: { type: "string", default: "1" },
    only: { type: "string", default: "together,alone,figures" },
    layer: { type: "string", multiple: true, default: [] },
  },
});
const only = new Set(values.only.split(","));

const alone = (one: Broken) => ({ name: one.promise, ...one.mutant, expected: [one.mutant.property] });
const together = {
  name: "all promises at once",
  ...togetherOf(brokenPromises),
  expected: brokenPromises.map(({ mutant }) => mutant.property),
};
const asked = [
  ...(only.has("together") ? [together] : []),
  ...(only.has("alone") ? brokenPromises.map(alone) : []),
  ...(only.has("figures") ? brokenFigures.map(alone) : []),
];

let isMissed = false;
for (const { edits, expected, name } of asked) {
  const startedAt = performance.now();
  const { exitCode, violated } = gateOn(edits);
  const missed = expected.filter((property) => !violated.includes(property));
  isMissed ||= missed.length > 0 || exitCode !== 1;
  const seconds = Math.round((performance.now() - startedAt) / 1_000);
  const found = missed.length === 0 ? `named ${expected.join(", ")}` : `MISSED ${missed.join(", ")}`;
  process.stdout.write(`${name}: ${found}; violated ${violated.join(", ")}; exit ${exitCode}, ${seconds} s\n`);
}
process.exitCode = isMissed ? 1 : 0;

/** Returns the result of the quick profile on a checkout with these edits. */
function gateOn(edits: SchedulerMutant["edits"]): { readonly violated: readonly string[]; readonly exitCode: number } {
  const folder = mkdtempSync(join(tmpdir(), "lockproof-broken-"));
  try {
    for (const part of ["src", "model", "lua", "scenarios", "docs", "package.json", "package-lock.json"])
      cpSync(join(root, part), join(folder, part), { recursive: true });
    symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
    for (const { file, find, replace } of edits) {
      const path = join(folder, "src/scheduler", file);
      const text = readFileSync(path, "utf8");
      if (text.split(find).length !== 2) throw new Error(`${file} does not have this text exactly once: ${find}`);
      writeFileSync(
        path,
        text.replace(find, () => replace),
      );
    }
    const words = [
      "verify",
      "--profile",
      "quick",
      "--seed",
      values.seed,
      "--json",
      "--reports",
      join(folder, "reports"),
    ];
    const chosen = values.layer.flatMap((layer) => ["--layer", layer]);
    const { status, stdout } = spawnSync(
      process.execPath,
      [join(folder, "src/cli/lockproof.js"), ...words, ...chosen],
      { cwd: folder, encoding: "utf8", maxBuffer: 1 << 28, stdio: ["ignore", "pipe", "inherit"] },
    );
    const lines = stdout.split("\n").filter((line) => line.startsWith("{"));
    const properties = lines.map((line) => JSON.parse(line) as { property?: string; verdict?: string; token?: string });
    const violated = properties.flatMap(({ property, verdict }) => (verdict === "violated" ? [property ?? ""] : []));
    return { violated: violated.filter((id) => id !== ""), exitCode: status ?? -1 };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
