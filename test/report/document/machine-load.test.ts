import { spawnSync } from "node:child_process";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Cause } from "../../../src/check/cause.ts";
import type { LayerEvidence } from "../../../src/evidence/evidence.ts";
import { announceRun, writeReport } from "../../../src/report/files/write.ts";
import { allHeld, layer, meta, property, violation } from "../sample.ts";

let folder = "";
beforeEach(async () => {
  folder = join(await mkdtemp(join(tmpdir(), "lockproof-ci-")), "run");
});
afterEach(() => rm(join(folder, ".."), { recursive: true }));

const script = fileURLToPath(new URL("../../../.ci/verdict.ts", import.meta.url));
const before = "2026-11-24T10:17:00Z";

/** The check of .ci/run after verify has exited with `code`. */
function verdict(code: number, since = before): { readonly passes: boolean; readonly out: string } {
  const { status, stdout } = spawnSync(process.execPath, [script, folder, String(code), since], { encoding: "utf8" });
  return { passes: status === 0, out: stdout };
}

async function write(evidence: readonly LayerEvidence[]): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeReport(evidence, meta, folder);
}

const open = (cause?: Cause) => {
  const part = property("D1", { verdict: "unknown", reason: "late", ...(cause === undefined ? {} : { cause }) });
  return layer("simulate", { verdict: "unknown", properties: [part] });
};

describe("CI after verify", () => {
  it("passes what held", async () => {
    await write([allHeld]);
    expect(verdict(0)).toEqual({ passes: true, out: "" });
  });

  it("passes what only the load of the machine left open, and prints each item", async () => {
    await write([allHeld, open("machine_load")]);
    const { out, passes } = verdict(2);
    expect(passes).toBe(true);
    expect(out).toMatch(/^3 items are open for the load of the machine alone$/m);
    for (const item of ["layer simulate", "property D1", "line degradation"])
      expect(out).toContain(`  machine_load: ${item} unknown: `);
  });

  it.each([undefined, "budget", "unobserved", "interrupted", "not_exercised"] as const)(
    "fails on what is open by %s, and prints it",
    async (cause) => {
      await write([
        allHeld,
        open("machine_load"),
        layer("inject", { properties: [property("V2", { verdict: "unknown", ...(cause && { cause }) })] }),
      ]);
      const { out, passes } = verdict(2);
      expect(passes).toBe(false);
      expect(out).toContain(`  ${cause ?? "unspecified"}: property V2 unknown: `);
    },
  );

  it("fails on a property that nothing exercised", async () => {
    await write([layer("inject", { properties: [property("J1")] })]);
    expect(verdict(2).passes).toBe(false);
  });

  it("fails on a violation and on a broken run, whatever the report says", async () => {
    await write([allHeld, layer("inject", { verdict: "violated", violations: [violation()] })]);
    for (const code of [1, 3, 0]) expect(verdict(code).passes).toBe(false);
    const { property, scenario, story, token } = violation();
    expect(verdict(1).out).toContain(`  ${property} in ${scenario}: ${story.join("; ")}; lockproof replay ${token}\n`);
  });

  it("never takes the report of another run, of one that did not end, or none", async () => {
    await write([allHeld]);
    expect(verdict(0, "2026-11-24T10:18:00Z").passes).toBe(false);
    expect(verdict(2).passes).toBe(false);
    expect(verdict(3).passes).toBe(false);
    await announceRun(meta, folder);
    expect(verdict(3).passes).toBe(false);
    await rm(folder, { recursive: true });
    expect(verdict(0)).toMatchObject({ passes: false, out: expect.stringContaining("no report of this run") });
  });
});
