import { execFile } from "node:child_process";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { tempFolder, toolFolder, writeProgram } from "./temp-folder.ts";

const program = fileURLToPath(new URL("./provisioner.ts", import.meta.url));
const run = promisify(execFile);

/** A go that is done only when another one has begun: so both processes are certainly at it at the same time. */
async function fakeGo(bin: string, meeting: string): Promise<void> {
  await writeProgram(
    join(bin, "go"),
    `touch ${meeting}/$$`,
    `until [ "$(ls ${meeting} | wc -l)" -ge 2 ]; do sleep 0.01; done`,
    "mkdir -p $GOBIN",
    'echo "#!/bin/sh" > $GOBIN/server',
    `echo 'echo "toxiproxy-server version 2.12.0"' >> $GOBIN/server`,
    "chmod +x $GOBIN/server",
  );
}

describe("two processes that provide the same server at the same time", () => {
  it("get the same whole program, and leave nothing else", async () => {
    const bin = await toolFolder("touch", "ls", "wc", "sleep", "mkdir", "chmod");
    const cache = await tempFolder();
    await fakeGo(bin, await tempFolder());
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
