/** Two runs of one command on a machine with an empty cache: both provide the server, and neither disturbs the other. */
import { execFile } from "node:child_process";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, it } from "vitest";
import type { ConformJson } from "../../src/conform/run.ts";
import { openLab } from "../../src/lab/lab.ts";
import { tempFolder, toolFolder, writeProgram } from "../lab/process/temp-folder.ts";

const program = fileURLToPath(new URL("../../src/cli/lockproof.js", import.meta.url));
const run = promisify(execFile);
/** SHA-256 of nothing: the packages here are empty files. */
const empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

/** A Debian with the redis-server of this machine as its package; it is unpacked only when two processes are at it. */
async function debian(meeting: string): Promise<string> {
  await using lab = await openLab();
  const { path } = await lab.redisBinary();
  const bin = await toolFolder("mkdir", "chmod", "touch", "ls", "wc", "sleep", "cat");
  const names = 'for name in "$@"; do case $name in redis-*)';
  await writeProgram(
    join(bin, "apt-get"),
    `case "$*" in *--print-uris*) ${names} echo "'http://deb.example/' $name.deb 0 SHA256:${empty}";; esac; done; exit;; esac`,
    `${names} touch $name.deb;; esac; done`,
  );
  await writeProgram(
    join(bin, "dpkg"),
    `touch ${meeting}/$PPID`,
    `until [ "$(ls ${meeting} | wc -l)" -ge 2 ]; do sleep 0.01; done`,
    `mkdir -p $3/usr/bin; echo '#!/bin/sh' > $3/usr/bin/redis-server`,
    `echo 'exec ${path} "$@"' >> $3/usr/bin/redis-server; chmod +x $3/usr/bin/redis-server`,
  );
  await writeProgram(join(bin, "ldd"), "true");
  return bin;
}

it("gives both the same verdict and trace, one entry in the cache, and nothing else", async () => {
  const cache = await tempFolder();
  const TMPDIR = await tempFolder();
  const env = { PATH: await debian(await tempFolder()), LOCKPROOF_CACHE: cache, TMPDIR, HOME: cache };
  const words = [program, "conform", "--runs", "60", "--seed", "3", "--json"];
  const both = await Promise.all([1, 2].map(() => run(process.execPath, words, { env })));
  const [first, second] = both.map(({ stdout }) => JSON.parse(stdout) as ConformJson);
  expect(first).toMatchObject({ verdict: "held", runs: 60 });
  expect(second).toMatchObject({ verdict: "held", runs: 60, trace_hash: first?.trace_hash });
  await expect(readdir(join(cache, "redis-server"))).resolves.toHaveLength(1);
  await expect(readdir(TMPDIR)).resolves.toEqual([]);
});
