import { mkdir, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { aptProvider } from "../../../src/lab/provide/apt.ts";
import { redisServer, type ServerBinary } from "../../../src/lab/provide/binary.ts";
import { findOrProvide } from "../../../src/lab/provide/find.ts";
import { tempFolder, toolFolder, writeProgram } from "../process/temp-folder.ts";

/** The words of the real programs that matter here; what they do is cut down to creating files. */
interface System {
  readonly bin: string;
  readonly cache: string;
}

/** The entry of a package in the signed lists: here every one is an empty file. */
const empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
const listing = (sum: string): string =>
  [
    'case "$*" in *--print-uris*) for name in "$@"; do case $name in redis-*|lib*)',
    `echo "'http://deb.example/$name.deb' $name.deb 0 SHA256:${sum}";; esac; done; exit 0;; esac`,
  ].join(" ");

const hasLists = 'case "$*" in *Dir::State::lists=*) has_lists=1;; esac';

/** A Debian with package lists and all libraries, unless a test takes something away. */
async function debian(): Promise<System> {
  const bin = await toolFolder("mkdir", "chmod", "cat", "touch");
  await writeProgram(
    join(bin, "apt-get"),
    listing(empty),
    `case "$*" in *download*) for name in "$@"; do case $name in redis-*|lib*) touch $name.deb;; esac; done;; esac`,
  );
  await writeProgram(join(bin, "dpkg"), ...dpkgLines);
  await writeProgram(join(bin, "ldd"), 'echo "  libc.so.6 => /lib/libc.so.6 (0x1)"');
  return { bin, cache: await tempFolder() };
}

const dpkgLines = [
  "case $1 in",
  '  -f) echo "libc6 (>= 2.34), liblzf1, libjemalloc2 (>= 5.3)";;',
  '  -s) [ "$2" = libc6 ];;',
  "  -x) mkdir -p $3/usr/bin $3/usr/lib",
  "    case $2 in",
  "      *liblzf1*) touch $3/usr/lib/liblzf.so.1;;",
  "      *redis-tools*)",
  "        echo '#!/bin/sh' > $3/usr/bin/redis-server",
  `        echo 'echo "Redis server v=7.0.15 sha=0 libraries $LD_LIBRARY_PATH"' >> $3/usr/bin/redis-server`,
  "        chmod +x $3/usr/bin/redis-server;;",
  "    esac;;",
  "esac",
];

function provide({ bin, cache }: System): Promise<ServerBinary> {
  return findOrProvide(redisServer, { env: { PATH: bin, LOCKPROOF_CACHE: cache } }, [aptProvider]);
}

async function entryOf({ cache }: System): Promise<readonly string[]> {
  return (await readdir(join(cache, "redis-server"), { recursive: true })).filter((path) => /\.so|\.deb/.test(path));
}

describe("a redis-server from Debian's packages", () => {
  it("is unpacked into the cache, and the packages are not kept", async () => {
    const system = await debian();
    await expect(provide(system)).resolves.toMatchObject({ version: "7.0.15", how: "apt" });
    await expect(entryOf(system)).resolves.toEqual([]);
  });

  it("gets the libraries that the system lacks, and only those", async () => {
    const system = await debian();
    await writeProgram(join(system.bin, "ldd"), '[ -n "$LD_LIBRARY_PATH" ] || echo "  liblzf.so.1 => not found"');
    const { path } = await provide(system);
    const libraries = await entryOf(system);
    expect(libraries).toHaveLength(1);
    expect(libraries[0]).toMatch(/root\/usr\/lib\/liblzf\.so\.1$/);
    expect(path.startsWith(system.cache)).toBe(true);
  });

  it("is refused when a library is not to be had", async () => {
    const system = await debian();
    await writeProgram(join(system.bin, "ldd"), 'echo "  libodd.so.9 => not found"');
    await expect(provide(system)).rejects.toThrow(/libraries libodd\.so\.9 are not to be had/);
  });

  it("is had without the system's package lists: private ones are fetched", async () => {
    const system = await debian();
    const download = 'for name in "$@"; do case $name in redis-*) touch $name.deb;; esac; done';
    await writeProgram(
      join(system.bin, "apt-get"),
      hasLists,
      `case "$*" in *update*) exit 0;; esac`,
      `[ -n "$has_lists" ] || { echo "E: Unable to locate package redis-server" >&2; exit 100; }`,
      listing(empty),
      download,
    );
    await expect(provide(system)).resolves.toMatchObject({ version: "7.0.15" });
  });

  it("is refused when a package is not the one in the signed lists, and nothing is unpacked", async () => {
    const system = await debian();
    const other = "0".repeat(64);
    await writeProgram(join(system.bin, "apt-get"), listing(other), 'for name in "$@"; do touch $name.deb; done');
    await writeProgram(join(system.bin, "dpkg"), `touch ${system.bin}/unpacked`);
    await expect(provide(system)).rejects.toThrow(
      `redis-server.deb is not the known one: found sha256 ${empty}, allowed ${other}`,
    );
    expect(await readdir(system.bin)).not.toContain("unpacked");
    await expect(readdir(join(system.cache, "redis-server"))).resolves.toEqual([]);
  });

  it("is refused when the lists name no sum", async () => {
    const system = await debian();
    await writeProgram(join(system.bin, "apt-get"), "exit 0");
    await expect(provide(system)).rejects.toThrow(/the package lists name no SHA256/);
  });

  it("says what apt said when there are no lists and none can be fetched", async () => {
    const system = await debian();
    await writeProgram(join(system.bin, "apt-get"), 'echo "E: Could not resolve host" >&2', "exit 100");
    await expect(provide(system)).rejects.toThrow(/no package lists: .*E: Could not resolve host/);
  });

  it("is refused when the unpacked program does not run", async () => {
    const system = await debian();
    await writeProgram(join(system.bin, "dpkg"), "mkdir -p $3/usr/bin", "touch $3/usr/bin/redis-server");
    await expect(provide(system)).rejects.toThrow(/the unpacked program does not run/);
  });

  it("is not tried on a system without apt-get", async () => {
    const system = await debian();
    await rm(join(system.bin, "apt-get"));
    await mkdir(join(system.cache, "other"));
    await expect(provide(system)).rejects.toThrow(/not a Debian or Ubuntu/);
  });
});
