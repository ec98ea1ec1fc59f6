/** The skeletons as their pages say: built, and checked on a real Redis. */
import { execFile } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, it, onTestFinished } from "vitest";
import { skeletonLanguages, writeSkeleton } from "../../src/sut/skeleton.ts";

const run = promisify(execFile);
const program = fileURLToPath(new URL("../../src/cli/lockproof.js", import.meta.url));

/** @returns what the commands of the page printed */
async function built(language: (typeof skeletonLanguages)[number]): Promise<string> {
  const home = mkdtempSync(join(tmpdir(), "lockproof-skeleton-"));
  onTestFinished(() => rmSync(home, { recursive: true, force: true }));
  const [bin, folder] = [join(home, "bin"), join(home, "scheduler")];
  mkdirSync(bin);
  writeFileSync(join(bin, "lockproof"), `#!/bin/sh\nexec "${process.execPath}" "${program}" "$@"\n`);
  chmodSync(join(bin, "lockproof"), 0o755);
  const { commands } = writeSkeleton(language, folder);
  const env = { ...process.env, PATH: [bin, process.env["PATH"]].join(delimiter) };
  const { stdout } = await run("sh", ["-ec", commands.join("\n")], { cwd: folder, env });
  return stdout;
}

describe("a skeleton, built and checked as its page says", { timeout: 300_000, tags: ["nightly"] }, () => {
  it.each(skeletonLanguages)("passes the check at level 0 in %s", async (language) => {
    const said = await built(language);
    expect(said).toContain("my-scheduler 0.1.0   level 0");
    expect(said).toContain("200 requests in flight, each answered once");
    expect(said).not.toContain("wrong  ");
    expect(said.trim()).toMatch(/held$/u);
  });
});
