/** The peer porcupine, built from where a team keeps it: beside the checkout, or where LOCKPROOF_PEERS says. */
import { access, mkdir } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import type { NodeJobInput, NodeJobOutput } from "../../../src/check/linear/node/node-jobs.ts";
import type { Operation } from "../../../src/check/linear/search/operation.ts";
import { findOnPath, lastLine, runCommand } from "../../../src/lab/process/command.ts";
import { cacheFolder } from "../../../src/lab/provide/cache.ts";

const usualPlace = "../../../../shared/peers";
const answer = z.object({ ok: z.boolean().nullable(), ops: z.number(), seconds: z.number() });
export type PeerAnswer = z.infer<typeof answer>;

export interface Porcupine {
  /** Makes histories: gen.mjs of the peer. */
  readonly generator: string;
  /** @param seconds until it gives up @param runs of which it tells the median */
  judge(file: string, seconds: number, runs?: number): Promise<PeerAnswer>;
}

/** null where there is no peer, no Go, or nothing to build it from. */
export async function findPorcupine(): Promise<Porcupine | null> {
  const { env } = process;
  const home = join(env["LOCKPROOF_PEERS"] || fileURLToPath(new URL(usualPlace, import.meta.url)), "porcupine");
  const isThere = await access(join(home, "main.go")).then(
    () => true,
    () => false,
  );
  if (!isThere || (await findOnPath("go", env)).length === 0) return null;
  const build = join(env["PEERS_BUILD"] || join(cacheFolder(env), "peers"), "porcupine");
  await mkdir(build, { recursive: true });
  const program = join(build, "peer");
  const built = await runCommand("go", ["build", "-o", program, "."], { env, cwd: home, timeout: 110_000 });
  if (built.exitCode !== 0) return null;
  return {
    generator: join(home, "gen.mjs"),
    async judge(file, seconds, runs = 1) {
      const args = ["-procs", "1", "-timeout", `${seconds}s`, "-runs", String(runs), file];
      const { exitCode, stderr, stdout } = await runCommand(program, args, { env, timeout: 120_000 });
      if (exitCode !== 0) throw new Error(`porcupine ended with ${exitCode}: ${lastLine(stderr)}`);
      return answer.parse(JSON.parse(lastLine(stdout)));
    },
  };
}

/** In the peer's format; what failed did not happen, and has no line. @param key makes an object of its own of each history */
export function peerLines(history: readonly Operation<NodeJobInput, NodeJobOutput>[], key: string): string {
  return history
    .filter(({ outcome }) => outcome !== "fail")
    .map(({ call, id, input, outcome, output, returned }) => {
      const { cap, job, kind } = input;
      const args = kind === "reserve" ? { job, cap } : kind === "complete" ? { job } : {};
      const return_ns = outcome === "ok" ? returned : null;
      return `${JSON.stringify({ client: id, call_ns: call, return_ns, key, kind, args, result: output })}\n`;
    })
    .join("");
}
