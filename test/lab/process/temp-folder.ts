/** Folders and programs that exist for one test. */

import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { onTestFinished } from "vitest";
import { findOnPath } from "../../../src/lab/process/command.ts";

export async function tempFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "lockproof-test-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** A shell script that can be run under that path. */
export async function writeProgram(path: string, ...lines: readonly string[]): Promise<string> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, `${["#!/bin/sh", ...lines].join("\n")}\n`);
  await chmod(path, 0o755);
  return path;
}

export async function fakeRedis(path: string, version: string): Promise<string> {
  return await writeProgram(path, `echo "Redis server v=${version} sha=00000000:0 malloc=libc bits=64 build=0"`);
}

export async function fakeToxiproxy(path: string, version: string): Promise<string> {
  return await writeProgram(path, `echo "toxiproxy-server version ${version}"`);
}

/** A folder for a PATH that has these programs of the system and no others. */
export async function toolFolder(...names: readonly string[]): Promise<string> {
  const folder = await tempFolder();
  for (const name of names) {
    const [path] = await findOnPath(name, process.env);
    if (path === undefined) throw new Error(`these tests need ${name} on PATH`);
    await symlink(path, join(folder, name));
  }
  return folder;
}

/** A `go` that downloads a module with that sum, and builds a program that calls itself Toxiproxy 2.12.0. */
export async function fakeGo(path: string, sum: string, ...first: readonly string[]): Promise<string> {
  return await writeProgram(
    path,
    ...first,
    'case "$1" in',
    `  mod) /bin/mkdir -p $GOMODCACHE/source; echo "{\\"Sum\\": \\"${sum}\\", \\"Dir\\": \\"$GOMODCACHE/source\\"}";;`,
    '  build) while [ "$1" != -o ]; do shift; done',
    `    echo "#!/bin/sh" > $2; echo 'echo "toxiproxy-server version 2.12.0"' >> $2; /bin/chmod +x $2;;`,
    "esac",
  );
}
