// @module-tag slow
/**
 * A mutant that names what is not in scope where it stands fails as it runs, and shows nothing: it is void. All of them are checked at once by the compiler,
 * each changed file beside the right one.
 */
import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { instanceMutants } from "../../scenarios/mutants/instances.ts";
import { redisMutants } from "../../scenarios/mutants/redis/registry.ts";
import { rareMutants } from "../../scenarios/mutants/scheduler/rare.ts";
import { schedulerMutants } from "../../scenarios/mutants/scheduler/registry.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

interface Edit {
  readonly file: string;
  readonly find: string;
  readonly replace: string;
}

interface Mutant {
  readonly id: string;
  readonly edits: readonly Edit[];
}

const inScheduler = ({ edits, id }: Mutant): Mutant => ({
  id,
  edits: edits.map((edit) => ({
    ...edit,
    file: edit.file.includes("src/") ? edit.file : `src/scheduler/${edit.file}`,
  })),
});
const mutants = [...schedulerMutants, ...rareMutants, ...instanceMutants, ...redisMutants].map(inScheduler);

/** "Cannot find name", with a suggestion, and "No value exists in scope for the shorthand property". */
const isOfScope = /^(?<file>\S+?)\(\d+,\d+\): error TS(?:2304|2552|18004): (?<what>.*)$/u;

/** @returns `id: what the compiler says`, of each mutant with a name that is not in scope */
function outOfScope(folder: string, some: readonly Mutant[]): readonly string[] {
  const written = new Map<string, string>();
  for (const [index, { edits, id }] of some.entries()) {
    const files = Map.groupBy(edits, ({ file }) => file);
    for (const [file, own] of files) {
      if (!file.endsWith(".ts")) continue;
      const changed = own.reduce(
        (text, { find, replace }) => text.replace(find, () => replace),
        readFileSync(join(root, file), "utf8"),
      );
      const path = file.replace(/\.ts$/u, `.mutant${index}.ts`);
      writeFileSync(join(folder, path), changed);
      written.set(path, id);
    }
  }
  const { stdout } = spawnSync(join(root, "node_modules/.bin/tsc"), ["-p", folder, "--noEmit", "--pretty", "false"], {
    encoding: "utf8",
    cwd: folder,
    maxBuffer: 1e8,
  });
  for (const path of written.keys()) rmSync(join(folder, path));
  const found = stdout.split("\n").flatMap((line) => {
    const { file = "", what = "" } = isOfScope.exec(line)?.groups ?? {};
    const id = written.get(file);
    return id === undefined ? [] : [`${id}: ${what}`];
  });
  return [...new Set(found)];
}

describe("the names in a mutant", () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "lockproof-test-scope-"));
    for (const part of ["src", "model", "scenarios", "package.json"])
      cpSync(join(root, part), join(folder, part), { recursive: true });
    symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
    const { compilerOptions } = JSON.parse(readFileSync(join(root, "tsconfig.json"), "utf8")) as Record<string, object>;
    const project = { compilerOptions, include: ["src/scheduler", "src/redis"] };
    writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(project));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it("are all in scope", () => {
    expect(mutants.length).toBeGreaterThan(250);
    expect(outOfScope(folder, mutants)).toEqual([]);
  }, 120_000);

  it("are found where one is not", () => {
    const edit = { file: "src/scheduler/text.ts", find: "export function", replace: "nowhere();\nexport function" };
    expect(outOfScope(folder, [{ id: "names-nothing", edits: [edit] }])).toEqual([
      expect.stringMatching(/^names-nothing: Cannot find name 'nowhere'/u),
    ]);
  }, 60_000);
});
