/** The programs with which the scheduler is compared. They are outside the repository; each prints one JSON line. */
import { access, mkdir, readdir } from "node:fs/promises";
import { delimiter, dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { BrokenRunError, UsageError } from "../../evidence/failure.ts";
import { findOnPath, lastLine, runCommand } from "../../lab/process/command.ts";
import { cacheFolder } from "../../lab/provide/cache.ts";
import type { PeerName } from "../claims.ts";
import type { Sizes } from "../world/sizes.ts";

type Environment = Readonly<Record<string, string | undefined>>;

export interface Peers {
  /** Done once: installs BullMQ. @throws BrokenRunError */
  prepare(peer: PeerName): Promise<void>;
  /** One round. @throws BrokenRunError when it does not complete or prints something else */
  perSecond(peer: PeerName, sizes: Sizes["peers"]): Promise<number>;
}

export const whereToFindPeers =
  "pass --peers DIR, the folder with redis-limit and bullmq in it, or set LOCKPROOF_PEERS";

/** Beside the checkout, where a team keeps what several checkouts share. */
const usualPlace = "../../../../shared/peers";
const runTimeout = 300_000;

const redisLimitLine = z.object({
  cases: z.object({ "evalsha_heartbeat_10_calls -P 16": z.object({ req_per_s: z.number().positive() }) }),
});
const bullmqLine = z.object({ process_per_s: z.number().positive() });

/** @param given by `--peers`. @returns null where there are none. @throws UsageError for a folder, named by hand, without them */
export async function findPeers(given: string | undefined, env: Environment): Promise<string | null> {
  const named = given ?? (env["LOCKPROOF_PEERS"] || undefined);
  if (named !== undefined) {
    if (await isPeers(named)) return resolve(named); // absolute: they run in folders of their own
    throw new UsageError("no peers found: there is no redis-limit/run.mjs in it", {
      where: given === undefined ? `LOCKPROOF_PEERS=${named}` : `--peers ${named}`,
      fix: "name the folder with redis-limit and bullmq in it, or leave it out",
    });
  }
  const usual = fileURLToPath(new URL(usualPlace, import.meta.url));
  return (await isPeers(usual)) ? usual : null;
}

async function isPeers(folder: string): Promise<boolean> {
  return await access(join(folder, "redis-limit/run.mjs")).then(
    () => true,
    () => false,
  );
}

/** @param redisServer the program that our own rounds use; the peers get the same */
export async function usePeers(folder: string, redisServer: string, env: Environment): Promise<Peers> {
  const build = join(cacheFolder(env), "peers");
  await mkdir(build, { recursive: true });
  const tools = await redisTools(redisServer, env);
  const surroundings = { ...env, ...tools, PEERS_BUILD: build, REDIS_SERVER: redisServer, NODE: process.execPath };
  const run = async (peer: PeerName, file: string, args: readonly string[]): Promise<unknown> => {
    const cwd = join(folder, peer);
    const answer = await runCommand(file, args, { env: surroundings, cwd, timeout: runTimeout });
    if (answer.exitCode === 0) return parseLine(peer, answer.stdout);
    throw broken(peer, `ended with exit code ${answer.exitCode}: ${lastLine(answer.stderr)}`);
  };
  const bullmq = (jobs: number) =>
    run("bullmq", join(folder, "bullmq/run.sh"), ["--jobs", String(jobs), "--runs", "1"]);
  return {
    async prepare(peer) {
      if (peer === "bullmq") await bullmq(50);
    },
    async perSecond(peer, { bullmqJobs, redisLimitScale }) {
      if (peer === "bullmq") return read(peer, bullmqLine, await bullmq(bullmqJobs)).process_per_s;
      const line = await run(peer, process.execPath, ["run.mjs", "--runs", "1", "--scale", String(redisLimitScale)]);
      return read(peer, redisLimitLine, line).cases["evalsha_heartbeat_10_calls -P 16"].req_per_s;
    },
  };
}

/** redis-benchmark and redis-cli: on PATH, or beside the server that the lab has unpacked, with its libraries. */
async function redisTools(redisServer: string, env: Environment): Promise<Environment> {
  if ((await findOnPath("redis-benchmark", env)).length > 0) return {};
  const root = join(dirname(redisServer), "root/usr");
  const libraries = await readdir(join(root, "lib"), { recursive: true, withFileTypes: true }).catch(() => []);
  const folders = libraries.filter((entry) => /\.so(\.|$)/.test(entry.name)).map((entry) => entry.parentPath);
  return {
    PATH: [join(root, "bin"), env["PATH"] ?? ""].join(delimiter),
    LD_LIBRARY_PATH: [...new Set(folders), ...(env["LD_LIBRARY_PATH"] ? [env["LD_LIBRARY_PATH"]] : [])].join(delimiter),
  };
}

function parseLine(peer: PeerName, stdout: string): unknown {
  try {
    return JSON.parse(lastLine(stdout));
  } catch {
    throw broken(peer, `printed no JSON: ${lastLine(stdout).slice(0, 200)}`);
  }
}

function read<Line>(peer: PeerName, schema: z.ZodType<Line>, found: unknown): Line {
  const parsed = schema.safeParse(found);
  if (parsed.success) return parsed.data;
  throw broken(peer, `printed another line: ${z.prettifyError(parsed.error).replaceAll("\n", " ")}`);
}

function broken(peer: PeerName, found: string): BrokenRunError {
  return new BrokenRunError(`the peer ${peer} ${found}`, {
    where: `peers: ${peer}`,
    fix: "run it by hand as its README says; redis-limit needs redis-benchmark (Debian: redis-tools)",
  });
}
