/** Any system with a C compiler: redis-memory-server downloads the source of Redis and builds it. */

import { rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { runCommand } from "./command.ts";
import type { Provider } from "./find.ts";
import { programPath } from "./program.ts";

const redisVersion = "7.2.7";
/** Milliseconds: a download and a build on one slow core. */
const deadline = 10 * 60_000;

export const buildProvider: Provider = {
  how: "redis-memory-server",
  does: `redis-memory-server builds Redis ${redisVersion}`,
  async provide(folder, env, signal) {
    const sources = join(folder, "sources");
    const answer = await runCommand(process.execPath, [programPath("build-redis"), redisVersion, sources], {
      // Without this the package downloads without looking at the certificate.
      env: { ...env, npm_config_strict_ssl: "true" },
      cwd: folder,
      deadline,
      signal,
    });
    if (answer.exitCode !== 0) throw new Error(errorLine(answer.stderr));
    await rename(answer.stdout.trim(), join(folder, "redis-server"));
    await rm(sources, { recursive: true, force: true });
    return redisVersion;
  },
};

/** Of a stack trace, the line that says what is wrong. */
function errorLine(stderr: string): string {
  const line = /^.*(?:Error|error):? .*$/m.exec(stderr)?.[0];
  return (line ?? stderr.trim().split("\n").at(-1) ?? "").trim();
}
