import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { UsageError } from "../../../src/evidence/failure.ts";
import { checkSystem, type StepLine } from "../../../src/inject/systems/check/check.ts";
import { greetSystem } from "../../../src/inject/systems/greeting.ts";
import { referenceCommand } from "../../../src/sut/command.ts";

const program = fileURLToPath(new URL("misbehaving.ts", import.meta.url));
const ownKeys = fileURLToPath(new URL("own-keys.ts", import.meta.url));
const { signal } = new AbortController();

async function checked(command: Parameters<typeof checkSystem>[0]["command"]) {
  const lines: StepLine[] = [];
  const result = await checkSystem({ command, signal, onStep: (line) => lines.push(line) });
  return { ...result, lines };
}

describe("the check of a system under test", { timeout: 60_000 }, () => {
  it("finds nothing wrong with the reference, and its level and properties", async () => {
    const { level, lines, name, properties, verdict } = await checked(referenceCommand());
    expect(lines.filter(({ ok }) => !ok)).toEqual([]);
    expect({ level, name, verdict }).toEqual({ level: 2, name: "lockproof reference", verdict: "held" });
    expect(properties).toContainEqual({ id: "J2", judged: "judged from clients" });
  });

  it("says that a command cannot be started", async () => {
    await expect(checked({ file: "no-such-program", args: [] })).rejects.toThrow(UsageError);
    await expect(greetSystem({ command: { file: "no-such-program", args: [] }, signal })).rejects.toThrow(UsageError);
  });

  it("is preceded by a greeting that names the system, and finds whether its keys are those of the documentation", async () => {
    const reference = await greetSystem({ command: referenceCommand(), signal });
    expect(reference).toMatchObject({ name: "lockproof reference", hasDocumentedKeys: true });
    expect(reference.asked).toEqual(expect.arrayContaining(["J1", "J2", "D2", "V3"]));
    const other = await greetSystem({ command: { file: process.execPath, args: [program, "ok"] }, signal });
    expect(other).toMatchObject({ version: "ok", hasDocumentedKeys: false, asked: ["J2", "J3"] });
  });

  it("finds nothing wrong with one that has keys of its own", async () => {
    const { level, lines } = await checked({ file: process.execPath, args: [ownKeys] });
    expect(lines.filter(({ ok }) => !ok)).toEqual([]);
    expect(level).toBe(2);
  });
});
