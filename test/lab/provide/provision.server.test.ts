import { execFile } from "node:child_process";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { toxiproxy } from "../../../src/lab/provide/go.ts";
import { fakeGo, tempFolder, toolFolder } from "../process/temp-folder.ts";

const program = fileURLToPath(new URL("./provisioner.ts", import.meta.url));
const run = promisify(execFile);

/** A build that begins only when another process has got as far: so both are certainly at it at the same time. */
async function meetingGo(bin: string, meeting: string): Promise<void> {
  const wait = [`touch ${meeting}/$$`, `until [ "$(ls ${meeting} | wc -l)" -ge 2 ]; do sleep 0.01; done`];
  await fakeGo(join(bin, "go"), toxiproxy.sum, `if [ "$1" = build ]; then ${wait.join("; ")}; fi`);
}

describe("two processes that provide the same server at the same time", () => {
  it("get the same whole program, and leave nothing else", async () => {
    const bin = await toolFolder("touch", "ls", "wc", "sleep");
    const cache = await tempFolder();
    await meetingGo(bin, await tempFolder());
    const env = { PATH: bin, LOCKPROOF_CACHE: cache };
    const answers = await Promise.all([1, 2].map(() => run(process.execPath, [program], { env })));
    const entry = `2.12.0-${process.platform}-${process.arch}`;
    for (const { stdout } of answers) {
      expect(JSON.parse(stdout)).toEqual({
        name: "toxiproxy-server",
        path: join(cache, "toxiproxy-server", entry, "toxiproxy-server"),
        version: "2.12.0",
        how: "go",
      });
    }
    await expect(readdir(join(cache, "toxiproxy-server"))).resolves.toEqual([entry]);
  });
});
