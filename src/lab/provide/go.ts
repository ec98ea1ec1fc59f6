/**
 * Any system with Go: builds toxiproxy-server at a pinned version. `@latest` can mean an older one, depending on the module proxy.
 *
 * The module is pinned by its hash, and its own `go.sum`, which is part of what was hashed, pins everything that it needs.
 * So nothing depends on whether this system uses Go's checksum database. Modules go into a cache of their own, since Go trusts
 * the content of its cache; archives in the user's cache are used, and verified like any other.
 */

import { rm } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { type CommandOptions, type Environment, findOnPath, lastLine, runCommand } from "../process/command.ts";
import { checkSum } from "./checksum.ts";
import type { Provider } from "./find.ts";

export interface GoModule {
  readonly path: string;
  readonly version: string;
  /** As `go.sum` would name it: over all files of the module. */
  readonly sum: string;
}

/** The sum is the one in Go's checksum database, sum.golang.org. */
export const toxiproxy: GoModule = {
  path: "github.com/Shopify/toxiproxy/v2",
  version: "2.12.0",
  sum: "h1:d1x++lYZg/zijXPPcv7PH0MvHMzEI5aX/YuUi/Sw+yg=",
};
const timeout = 10 * 60_000;

/** The output of `go mod download -json`. */
const downloaded = z.object({ Sum: z.string().optional(), Dir: z.string().optional(), Error: z.string().optional() });

export function goProvider(module: GoModule): Provider {
  const { path, version, sum } = module;
  return {
    how: "go",
    does: `go builds ${path} ${version}`,
    async provide(folder, env, signal) {
      const [go] = await findOnPath("go", env);
      if (go === undefined) throw new Error("no go on PATH");
      const modules = join(folder, "modules");
      const own = await ownEnvironment(go, modules, { env, timeout, signal });
      const run = async (cwd: string, ...args: readonly string[]): Promise<string> => {
        const answer = await runCommand(go, args, { env: own, cwd, timeout, signal });
        if (answer.exitCode !== 0) throw new Error(errorOf(answer.stdout) ?? lastLine(answer.stderr));
        return answer.stdout;
      };
      const found = downloaded.parse(JSON.parse(await run(folder, "mod", "download", "-json", `${path}@v${version}`)));
      checkSum(`${path}@v${version}`, { kind: "sum", found: found.Sum ?? "none", allowed: sum });
      if (found.Dir === undefined) throw new Error("go mod download named no folder");
      const program = join(folder, "toxiproxy-server");
      // A release build writes its version into the program the same way; without it the program calls itself "git".
      const flags = ["-mod=readonly", "-trimpath", "-ldflags", `-s -w -X ${path}.Version=${version}`];
      await run(found.Dir, "build", ...flags, "-o", program, "./cmd/server");
      await rm(modules, { recursive: true, force: true });
      return version;
    },
  };
}

/** Modules come from the archives of the user's cache, then from where the user's Go gets them; nothing else is taken over from its settings. */
async function ownEnvironment(go: string, modules: string, options: CommandOptions): Promise<Environment> {
  const answer = await runCommand(go, ["env", "GOMODCACHE", "GOPROXY"], options);
  const [cache = "", proxies = ""] = answer.stdout.trim().split("\n");
  const archives = cache === "" ? [] : [`file://${cache}/cache/download`];
  return {
    ...options.env,
    GOMODCACHE: modules,
    GOPROXY: [...archives, ...(proxies === "" ? [] : [proxies])].join(","),
    GOFLAGS: "-modcacherw -buildvcs=false",
    GOSUMDB: "off", // the sums are pinned here
    GOTOOLCHAIN: "local", // a toolchain would be one more download
    GOWORK: "off",
  };
}

/** `go mod download -json` prints the reason of a failure on stdout. */
function errorOf(stdout: string): string | undefined {
  try {
    return downloaded.parse(JSON.parse(stdout)).Error?.split("\n", 1)[0];
  } catch {
    return undefined; // it was no JSON: stderr says why
  }
}
