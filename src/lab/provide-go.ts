/** Any system with Go: builds toxiproxy-server at a pinned version. `@latest` can mean an older one, depending on the module proxy. */

import { rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { findOnPath, lastLine, runCommand } from "./command.ts";
import type { Provider } from "./find.ts";

export const toxiproxyVersion = "2.12.0";
export const toxiproxyModule = "github.com/Shopify/toxiproxy/v2";
const deadline = 10 * 60_000;

export const goProvider: Provider = {
  how: "go",
  does: `go install ${toxiproxyModule}/cmd/server@v${toxiproxyVersion}`,
  async provide(folder, env, signal) {
    const [go] = await findOnPath("go", env);
    if (go === undefined) throw new Error("no go on PATH");
    const bin = join(folder, "bin");
    // A release build writes its version into the program the same way; without it the program calls itself "git".
    const flags = ["-ldflags", `-s -w -X ${toxiproxyModule}.Version=${toxiproxyVersion}`];
    const answer = await runCommand(go, ["install", ...flags, `${toxiproxyModule}/cmd/server@v${toxiproxyVersion}`], {
      env: { ...env, GOBIN: bin },
      cwd: folder,
      deadline,
      signal,
    });
    if (answer.exitCode !== 0) throw new Error(lastLine(answer.stderr));
    await rename(join(bin, "server"), join(folder, "toxiproxy-server"));
    await rm(bin, { recursive: true });
    return toxiproxyVersion;
  },
};
