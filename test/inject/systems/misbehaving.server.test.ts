/** Systems that misbehave, as `sut check` and the greeting of a gate meet them: each ends soon, with what was found and where to read on. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, it } from "vitest";
import { runInject } from "../../../src/inject/run.ts";
import { checkSystem, type StepLine } from "../../../src/inject/systems/check/check.ts";
import { greetSystem } from "../../../src/inject/systems/greeting.ts";
import { identify } from "../../../src/lab/process/process.ts";
import { waitFor } from "../../../src/lab/process/wait.ts";
import { SutError } from "../../../src/sut/errors.ts";

const program = fileURLToPath(new URL("misbehaving.ts", import.meta.url));
const { signal } = new AbortController();
const notes = mkdtempSync(join(tmpdir(), "lockproof-misbehaving-"));
afterAll(() => rmSync(notes, { recursive: true }));
const command = (how: string) => ({ file: process.execPath, args: [program, how, join(notes, how)] });

/** Milliseconds. */
const checkTakes = 25_000;
const mostBytes = 150_000_000;

async function checked(how: string) {
  const lines: StepLine[] = [];
  const since = performance.now();
  const before = process.memoryUsage().rss;
  const { verdict } = await checkSystem({ command: command(how), signal, onStep: (line) => lines.push(line) });
  const grown = process.memoryUsage().rss - before;
  const wrong = lines.filter(({ ok }) => !ok);
  return {
    ...{ grown, verdict, took: performance.now() - since },
    found: wrong.map(({ found }) => found).join("; "),
    details: wrong.flatMap(({ details }) => details).join("\n"),
  };
}

describe("the check of a system that misbehaves", { timeout: 90_000, tags: ["nightly"] }, () => {
  it.each([
    ["dies", "its process ended during the request: exit code 3"],
    ["dies-later", "its process ended during the request: exit code 0"],
    ["banner", "what is no reply to a request"],
    ["binary", "what is no reply to a request"],
    ["chatters", "what is no reply to a request"],
    ["endless", "a line without an end"],
    ["no-line-end", "no reply within 10000 ms"],
    ["another-id", "what is no reply to a request"],
    ["text-as-id", "what is no reply to a request"],
    ["twice", "a second reply"],
    ["neither", "a reply that cannot be read"],
    ["lacking", "a reply that cannot be read"],
    ["no-error-code", "a reply that cannot be read"],
    ["no-capabilities", "a reply that cannot be read"],
    ["lacks-operations", "no register_node, reserve_job, complete_job among its operations"],
    ["silent", "no reply within 10000 ms"],
    ["silent-later", "not run: something was wrong, and time is over"],
    ["closes-its-output", "no reply within 10000 ms"],
    ["reads-nothing", "no reply within 10000 ms"],
    ["floods-its-log", "its process ended during the request: SIGKILL"],
    ["deaf-to-the-end", "a process that still ran"],
    ["ok", "found registered; allowed: already"],
  ])("that is %s ends in time, in little memory, with what was found", async (how, words) => {
    const { details, found, grown, took, verdict } = await checked(how);
    expect(verdict).toBe("violated");
    expect(found).toContain(words);
    expect(details).toContain("see docs/sut-protocol.md, section");
    expect(took).toBeLessThan(checkTakes);
    expect(grown).toBeLessThan(mostBytes);
  });

  it("says that a log was too long", async () => {
    expect((await checked("floods-its-log")).details).toContain("it has written more than 64 MiB");
  });

  it.each(["deaf-to-signals", "leaves-a-child"])("leaves nothing of one that is %s", async (how) => {
    await checked(how);
    if (how === "deaf-to-signals") return; // the check itself waits until it has gone
    const pid = Number(readFileSync(join(notes, how), "utf8"));
    expect(pid).toBeGreaterThan(0);
    expect(
      await waitFor(() => (identify(pid) === undefined ? true : undefined), { timeout: 5_000, interval: 20 }),
    ).toBe(true);
  });
});

describe("a run of a system that misbehaves", { timeout: 60_000 }, () => {
  it.each([
    ["neither", "what is no reply"],
    ["no-error-code", "what is no reply"],
  ])("that is %s ends with what it wrote", async (how, words) => {
    const system = await greetSystem({ command: command(how), signal });
    await expect(runInject({ scenario: "redis-slow", seed: 3, system, signal })).rejects.toThrow(words);
  });
});

describe("the greeting of a system that misbehaves", { timeout: 60_000 }, () => {
  it.each([
    ["dies", "exit code 3"],
    ["banner", "what is no reply"],
    ["endless", "a line without an end"],
    ["another-id", "an id that is not in flight"],
    ["no-capabilities", "capabilities"],
    ["floods-its-log", "it has written more than 64 MiB"],
  ])("that is %s says what was found and what to do", async (how, words) => {
    const refused = await greetSystem({ command: command(how), signal }).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(SutError);
    const { complaint, message } = refused as SutError;
    expect(message).toContain(words);
    expect(complaint.fix).toContain("docs/sut-protocol.md");
  });
});
