// @module-tag slow
// cspell:ignore qefc stty
/** A verify on a pseudo-terminal, which script(1) provides, as people see it: widths, Ctrl-C, exit codes. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { stripVTControlCharacters } from "node:util";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

const launcher = fileURLToPath(new URL("../../../src/cli/lockproof.js", import.meta.url));
const root = fileURLToPath(new URL("../../..", import.meta.url));

let reports = "";
beforeEach(async () => {
  reports = await mkdtemp(join(tmpdir(), "lockproof-terminal-"));
});
afterEach(() => rm(reports, { recursive: true, force: true }));

interface Seen {
  readonly code: number;
  readonly text: string;
}

interface Asked {
  readonly columns: number;
  readonly layer: string;
  /** Ctrl-C is typed as soon as this is shown. */
  readonly interruptAt?: RegExp;
}

async function verify({ columns, interruptAt, layer }: Asked): Promise<Seen> {
  const words = ["verify", "--seed", "1", "--layer", layer, "--budget", "60s", "--reports", reports];
  const line = `stty cols ${columns} rows 24; exec '${process.execPath}' '${launcher}' ${words.join(" ")}`;
  const { CI: _ci, NO_COLOR: _plain, ...env } = process.env;
  const child = spawn("script", ["-qefc", line, "/dev/null"], { cwd: root, env: { ...env, TERM: "xterm" } });
  let text = "";
  let isTyped = false;
  child.stdout.on("data", (chunk: Buffer) => {
    text += chunk.toString();
    if (interruptAt === undefined || isTyped || !interruptAt.test(text)) return;
    isTyped = true;
    child.stdin.write("\u0003");
  });
  const [code] = (await once(child, "close")) as [number];
  // The terminal shows the key that was typed.
  return { code, text: text.replace("^C", "") };
}

/** Returns each line without the parts that were overwritten. */
const leftOf = (text: string): readonly string[] =>
  stripVTControlCharacters(text.replaceAll("\u001b[2K", "\u0000").replaceAll("\r\n", "\n"))
    .split("\n")
    .map((line) => line.split("\u0000").at(-1) ?? "");
const live = (text: string): readonly string[] =>
  stripVTControlCharacters(text.replaceAll("\u001b[2K", "\u0000"))
    .split("\u0000")
    .flatMap((part) => part.split(/[\r\n]/u, 1).filter((line) => line.includes("% of")));

describe("verify on a terminal", () => {
  it.each([80, 200])(
    "of %d columns shows bar, share and forecast, and ends on Ctrl-C with 3, whole lines and a report",
    async (columns) => {
      const { code, text } = await verify({ columns, layer: "simulate", interruptAt: /simulate {2}\[#/ });
      expect(code).toBe(3);
      const shown = live(text);
      expect(shown.length).toBeGreaterThan(1);
      for (const line of shown) {
        expect(line).toMatch(/^simulate {2}\[#*-*\] +\d+\/\d+ +\d+ % of 1 min 0 s, about \d+ (?:s|min \d+ s) left/);
        expect(line.length).toBeLessThan(columns);
      }
      expect(shown.some((line) => line.includes("[#"))).toBe(true);
      const left = leftOf(text);
      expect(left.some((line) => line.includes("% of"))).toBe(false);
      expect(left.filter((line) => line.startsWith("INTERRUPTED"))).toHaveLength(1);
      expect(left.filter((line) => /broken: /.test(line))).toEqual([]);
      const [where = "", next = "", end] = left.slice(-3);
      expect(where).toMatch(/^report: .*index\.html$/);
      expect(next).toBe("next:   run it again to its end: lockproof verify --seed 1");
      expect(end).toBe("");
      const report: unknown = JSON.parse(await readFile(join(reports, "latest", "report.json"), "utf8"));
      expect(report).toMatchObject({ finished: true, exit_code: 3 });
    },
  );
});
