/** Any system with a C compiler: redis-memory-server downloads the source of Redis and builds it. */

import { rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { lastLine, runCommand } from "../process/command.ts";
import { programPath } from "../program.ts";
import type { Provider } from "./find.ts";

export interface RedisSource {
  readonly version: string;
  /** The SHA-256 of `redis-<version>.tar.gz`. */
  readonly sha256: string;
}

/** The sum is that of Homebrew's formula for redis 7.2.7, which redis-hashes has too. */
export const redisSource: RedisSource = {
  version: "7.2.7",
  sha256: "72c081e3b8cfae7144273d26d76736f08319000af46c01515cad5d29765cead5",
};
/** Milliseconds: a download and a build on one slow core. */
const timeout = 10 * 60_000;

export function buildProvider({ version, sha256 }: RedisSource): Provider {
  return {
    how: "redis-memory-server",
    does: `redis-memory-server builds Redis ${version}`,
    async provide(folder, env, signal) {
      const sources = join(folder, "sources");
      const answer = await runCommand(
        process.execPath,
        [programPath("provide/build-redis"), version, sources, sha256],
        {
          // Without this the package downloads without verifying the certificate.
          env: { ...env, npm_config_strict_ssl: "true" },
          cwd: folder,
          timeout,
          signal,
        },
      );
      if (answer.exitCode !== 0) throw new Error(errorLine(answer.stderr));
      await rename(lastLine(answer.stdout), join(folder, "redis-server"));
      await rm(sources, { recursive: true, force: true });
      return version;
    },
  };
}

/** The line of a stack trace that has the message. */
function errorLine(stderr: string): string {
  const line = /^.*(?:Error|error):? .*$/m.exec(stderr)?.[0];
  return (line ?? stderr.trim().split("\n").at(-1) ?? "").trim();
}
