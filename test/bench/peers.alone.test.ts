import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { findPeers, usePeers } from "../../src/bench/peers/peers.ts";
import { runBench } from "../../src/bench/run.ts";
import { BrokenRunError, UsageError } from "../../src/evidence/failure.ts";

const sizes = { bullmqJobs: 70, redisLimitScale: 0.25 };
const limitLine = (rate: unknown) =>
  JSON.stringify({ cases: { "evalsha_heartbeat_10_calls -P 16": { req_per_s: rate } } });

let folder = "";
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "lockproof-peers-"));
  await mkdir(join(folder, "redis-limit"));
  await mkdir(join(folder, "bullmq"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** Peers that print given lines, and record how they were called. */
async function install({ bullmq = '{"process_per_s":500}', exit = 0, limit = limitLine(800) } = {}): Promise<void> {
  const note = `import { writeFileSync } from "node:fs"; writeFileSync("called", process.argv.slice(2).join(" "));`;
  await writeFile(
    join(folder, "redis-limit/run.mjs"),
    `${note} console.log(${JSON.stringify(limit)}); process.exitCode = ${exit};`,
  );
  const script = join(folder, "bullmq/run.sh");
  await writeFile(
    script,
    `#!/bin/sh\necho "$@ $REDIS_SERVER $NODE" > called; ls -d "$PEERS_BUILD" > build\nprintf '%s\\n' '${bullmq}'\n`,
  );
  await chmod(script, 0o755);
}

const env = () => ({ ...process.env, LOCKPROOF_CACHE: join(folder, "cache") });
const peers = () => usePeers(folder, "/opt/redis-server", env());
const called = async (peer: string) => (await readFile(join(folder, peer, "called"), "utf8")).trim();

describe("peers", () => {
  it("are run as their READMEs say, on our server and our Node, one round a call", async () => {
    await install();
    const found = await peers();
    expect(await found.perSecond("redis-limit", sizes)).toBe(800);
    expect(await called("redis-limit")).toBe("--runs 1 --scale 0.25");
    expect(await found.perSecond("bullmq", sizes)).toBe(500);
    expect(await called("bullmq")).toBe(`--jobs 70 --runs 1 /opt/redis-server ${process.execPath}`);
  });

  it("build in our cache, never beside their sources", async () => {
    await install();
    await (await peers()).prepare("bullmq");
    expect((await readFile(join(folder, "bullmq/build"), "utf8")).trim()).toBe(join(folder, "cache/peers"));
  });

  it.each([
    ["that fail", { exit: 7 }, /redis-limit ended with exit code 7/],
    ["that print no JSON", { limit: "Segmentation fault" }, /printed no JSON: Segmentation fault/],
    ["that print another line", { limit: "{}" }, /printed another line/],
    ["without a rate", { limit: limitLine(0) }, /printed another line/],
  ])("%s break the run, and are no ratio", async (_, wrong, message) => {
    await install(wrong);
    const rate = (await peers()).perSecond("redis-limit", sizes);
    await expect(rate).rejects.toThrow(message);
    await expect(rate).rejects.toBeInstanceOf(BrokenRunError);
  });

  it("are looked for where they are said to be: the flag, then LOCKPROOF_PEERS", async () => {
    await install();
    expect(await findPeers(folder, { LOCKPROOF_PEERS: "elsewhere" })).toBe(folder);
    expect(await findPeers(undefined, { LOCKPROOF_PEERS: folder })).toBe(folder);
  });

  it.each([
    ["--peers", "nowhere", {}],
    ["LOCKPROOF_PEERS", undefined, { LOCKPROOF_PEERS: "nowhere" }],
  ])("that %s names and that are not there are a usage error", async (where, given, named) => {
    const found = findPeers(given, named);
    await expect(found).rejects.toBeInstanceOf(UsageError);
    await expect(found).rejects.toMatchObject({ where: expect.stringContaining(where) });
  });

  it.each([
    [1, "held"],
    [1e9, "violated"],
  ])("of %d jobs a second make the row %s: ours and theirs in the same run", async (rate, verdict) => {
    await install({ bullmq: JSON.stringify({ process_per_s: rate }) });
    const { json } = await runBench({
      ...{ profile: "quick", seed: 1, rows: ["pairs"], peers: folder, env: env() },
      signal: new AbortController().signal,
      now: () => performance.now(),
      sizes: { pairs: 100 },
    });
    expect(json.rows).toMatchObject([{ verdict, rounds: 3, peer: { name: "bullmq", median: rate } }]);
    const [row] = json.rows;
    const expected = (row?.ours?.median ?? Number.NaN) / rate;
    expect((row?.ratio ?? Number.NaN) / expected).toBeCloseTo(1, 2);
  });
});
