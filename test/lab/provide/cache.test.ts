import { mkdir, readdir, readFile, stat, utimes, writeFile } from "node:fs/promises";
import { isAbsolute, join } from "node:path";
import { describe, expect, it } from "vitest";
import { LabError } from "../../../src/lab/error.ts";
import { redisServer } from "../../../src/lab/provide/binary.ts";
import { cachedBinaries, cacheFolder, keepInCache } from "../../../src/lab/provide/cache.ts";
import { examine } from "../../../src/lab/provide/doctor.ts";
import { findOrProvide, searchServer } from "../../../src/lab/provide/find.ts";
import { fakeRedis, tempFolder } from "../process/temp-folder.ts";

const name = "redis-server";
const machine = `${process.platform}-${process.arch}`;

function filling(content: string): (folder: string) => Promise<string> {
  return async (folder) => {
    await writeFile(join(folder, name), content);
    return "7.0.15";
  };
}

const works = async (): Promise<boolean> => true;
const isBroken = async (): Promise<boolean> => false;

describe("the cache folder", () => {
  it.each([
    [{ LOCKPROOF_CACHE: "/own", XDG_CACHE_HOME: "/xdg", HOME: "/home/a" }, "/own"],
    [{ XDG_CACHE_HOME: "/xdg", HOME: "/home/a" }, "/xdg/lockproof"],
    [{ LOCKPROOF_CACHE: "", XDG_CACHE_HOME: "", HOME: "/home/a" }, "/home/a/.cache/lockproof"],
  ])("with %j is %s", (env, folder) => {
    expect(cacheFolder(env)).toBe(folder);
  });

  it.each([
    [
      { HOME: "" },
      "cache: HOME: found an empty path",
      "Set HOME, or name a folder for the cache with LOCKPROOF_CACHE.",
    ],
    [{ HOME: "home" }, 'cache: HOME: found the relative path "home"', "Set HOME"],
    [{ XDG_CACHE_HOME: ".", HOME: "/home/a" }, 'cache: XDG_CACHE_HOME: found the relative path "."', "XDG_CACHE_HOME"],
  ])("with %j is nowhere, and never in the working folder", async (env, found, fix) => {
    expect(() => cacheFolder(env)).toThrow(found);
    expect(() => cacheFolder(env)).toThrow(fix);
    const nowhere = { ...env, PATH: "/none" };
    // No program is provided either, so the message is not about a failed build.
    await expect(findOrProvide(redisServer, { env: nowhere }, [])).rejects.toThrow(found);
    const folder = (await examine({ env: nowhere })).find((finding) => finding.name === "cache folder");
    expect(folder).toMatchObject({ status: "wrong", where: null, fix: expect.stringContaining(fix) });
  });

  it("is not needed where the server is on the PATH", async () => {
    const path = await tempFolder();
    await fakeRedis(join(path, "redis-server"), "7.0.15");
    const env = { PATH: `${path}:/usr/bin:/bin`, HOME: "" };
    expect((await searchServer(redisServer, { env })).binary?.path).toBe(join(path, "redis-server"));
  });

  it("of a user whom the system knows is in the home folder also where HOME is not set", () => {
    expect(isAbsolute(cacheFolder({}))).toBe(true);
  });
});

describe("a cache entry", () => {
  it("is kept under its version and machine, and found again", async () => {
    const env = { LOCKPROOF_CACHE: await tempFolder() };
    const path = await keepInCache(name, env, filling("a"), works);
    expect(path).toBe(join(env.LOCKPROOF_CACHE, name, `7.0.15-${machine}`, name));
    await expect(cachedBinaries(name, env)).resolves.toEqual([path]);
    await expect(readdir(join(env.LOCKPROOF_CACHE, name))).resolves.toEqual([`7.0.15-${machine}`]);
  });

  it("leaves nothing when filling it fails", async () => {
    const env = { LOCKPROOF_CACHE: await tempFolder() };
    const fail = async (): Promise<string> => {
      throw new Error("no network");
    };
    await expect(keepInCache(name, env, fail, works)).rejects.toThrow("no network");
    await expect(readdir(join(env.LOCKPROOF_CACHE, name))).resolves.toEqual([]);
  });

  it("is the first one's when many provide it at once", async () => {
    const env = { LOCKPROOF_CACHE: await tempFolder() };
    const contents = ["a", "b", "c", "d", "e"];
    const paths = await Promise.all(contents.map((content) => keepInCache(name, env, filling(content), works)));
    expect(new Set(paths).size).toBe(1);
    expect(contents).toContain(await readFile(paths[0] ?? "", "utf8"));
    await expect(readdir(join(env.LOCKPROOF_CACHE, name))).resolves.toEqual([`7.0.15-${machine}`]);
  });

  it("is replaced when it does not work", async () => {
    const env = { LOCKPROOF_CACHE: await tempFolder() };
    await keepInCache(name, env, filling("old"), works);
    const path = await keepInCache(name, env, filling("new"), isBroken);
    await expect(readFile(path, "utf8")).resolves.toBe("new");
    await expect(readdir(join(env.LOCKPROOF_CACHE, name))).resolves.toEqual([`7.0.15-${machine}`]);
  });

  it("of another kind of machine is not offered, and the newest comes first", async () => {
    const env = { LOCKPROOF_CACHE: await tempFolder() };
    for (const entry of [`7.0.9-${machine}`, `7.0.15-${machine}`, "9.0.0-plan9-mips", ".draft-x"]) {
      await mkdir(join(env.LOCKPROOF_CACHE, name, entry), { recursive: true });
    }
    const shelf = join(env.LOCKPROOF_CACHE, name);
    await expect(cachedBinaries(name, env)).resolves.toEqual([
      join(shelf, `7.0.15-${machine}`, name),
      join(shelf, `7.0.9-${machine}`, name),
    ]);
  });

  it("takes the drafts of dead processes away, and leaves those of living ones", async () => {
    const env = { LOCKPROOF_CACHE: await tempFolder() };
    const shelf = join(env.LOCKPROOF_CACHE, name);
    await mkdir(join(shelf, ".draft-old"), { recursive: true });
    await mkdir(join(shelf, ".draft-new"));
    await utimes(join(shelf, ".draft-old"), 1_000_000, 1_000_000);
    await keepInCache(name, env, filling("a"), works);
    await expect(readdir(shelf)).resolves.toEqual([".draft-new", `7.0.15-${machine}`]);
  });

  it("cannot be made where the cache is a file, and the error says so", async () => {
    const file = join(await tempFolder(), "file");
    await writeFile(file, "");
    const refusal = await keepInCache(name, { LOCKPROOF_CACHE: file }, filling("a"), works).catch(
      (thrown: unknown) => thrown,
    );
    expect(refusal).toBeInstanceOf(LabError);
    expect(refusal).toMatchObject({ where: `cache ${file}/${name}`, fix: expect.stringContaining("LOCKPROOF_CACHE") });
    expect((await stat(file)).isFile()).toBe(true);
  });
});
