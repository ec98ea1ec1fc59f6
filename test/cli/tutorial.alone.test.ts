/** The commands of docs/tutorial.md print the lines that the page shows. Beside other files there would be too little time to shrink what is found. */
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const launcher = fileURLToPath(new URL("../../src/cli/lockproof.js", import.meta.url));
const page = readFileSync(new URL("../../docs/tutorial.md", import.meta.url), "utf8");

interface Step {
  /** The words after `npx lockproof`. */
  readonly words: readonly string[];
  /** Some lines of the output, in order; `…` stands for the rest of a line. */
  readonly lines: readonly string[];
}

/** Each command of the page with the output that follows it. */
function stepsOf(text: string): readonly Step[] {
  const blocks = text.matchAll(/```sh\nnpx lockproof (.+)\n```\n\n```text\n([\s\S]*?)\n```/gu);
  return [...blocks].map(([, command = "", output = ""]) => ({
    words: command.split(" "),
    lines: output.split("\n"),
  }));
}

/** The first expected line that does not occur in the output after the line before it. */
function missingLine(expected: readonly string[], output: string): string | null {
  const printed = output.split("\n");
  let at = 0;
  for (const line of expected) {
    const found = printed.findIndex((one, index) =>
      index < at ? false : line.endsWith("…") ? one.startsWith(line.slice(0, -1)) : one === line,
    );
    if (found < 0) return line;
    at = found + 1;
  }
  return null;
}

/** Replaces a shortened token by the first one that was printed with its beginning, as a reader copies it. */
function completed(word: string, printed: string): string {
  if (!word.startsWith("lp1:") || !word.endsWith("…")) return word;
  const tokens = printed.split(/\s+/u).filter((one) => one.startsWith(word.slice(0, -1)));
  return tokens[0] ?? word;
}

interface Ended {
  readonly code: number;
  readonly out: string;
}

function lockproof(words: readonly string[], folder: string): Promise<Ended> {
  return new Promise((resolve) => {
    const options = { cwd: folder, env: { ...process.env, NO_COLOR: "1" } };
    execFile(process.execPath, [launcher, ...words], options, (error, out) => {
      resolve({ code: error === null ? 0 : Number(error.code), out });
    });
  });
}

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "lockproof-tutorial-"));
});
afterAll(() => rm(folder, { recursive: true }));

describe("docs/tutorial.md", () => {
  const steps = stepsOf(page);

  it("has an output for each of its commands", () => {
    expect(steps.length).toBeGreaterThan(2);
    expect(steps).toHaveLength([...page.matchAll(/^```sh$/gmu)].length);
  });

  it("shows what its commands print", async () => {
    let printed = "";
    for (const { lines, words } of steps) {
      const { code, out } = await lockproof(
        words.map((word) => completed(word, printed)),
        folder,
      );
      printed += out;
      expect(missingLine(lines, out), `${words.join(" ")} printed\n${out}`).toBeNull();
      expect(code).toBe(/VIOLATED|BROKEN/u.test(out) ? 1 : 0);
    }
    expect((await stat(join(folder, "bug.html"))).size).toBeGreaterThan(1_000);
  }, 60_000);
});

describe("the comparison of lines", () => {
  it.each([
    [["b", "c"], null],
    [["a …", "c"], null],
    [["c", "b"], "b"],
    [["a"], "a"],
  ])("finds in %j the missing line %j", (lines, missing) => expect(missingLine(lines, "a 1\nb\nc")).toBe(missing));
});
