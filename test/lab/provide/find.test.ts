import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { LabError } from "../../../src/lab/error.ts";
import { redisServer } from "../../../src/lab/provide/binary.ts";
import { findOrProvide, type Provider, searchServer } from "../../../src/lab/provide/find.ts";
import { fakeRedis, tempFolder, writeProgram } from "../process/temp-folder.ts";

const machine = `${process.platform}-${process.arch}`;

interface Places {
  readonly option: string;
  readonly environment: string;
  readonly path: string;
  readonly cache: string;
  readonly env: { readonly PATH: string; readonly LOCKPROOF_CACHE: string };
}

async function places(): Promise<Places> {
  const folder = await tempFolder();
  const cache = join(folder, "cache");
  return {
    option: join(folder, "option"),
    environment: join(folder, "environment"),
    path: join(folder, "bin/redis-server"),
    cache: join(cache, `redis-server/7.0.15-${machine}/redis-server`),
    env: { PATH: join(folder, "bin"), LOCKPROOF_CACHE: cache },
  };
}

function providing(how: Provider["how"], version: string): Provider {
  return {
    how,
    does: `${how} provides`,
    async provide(folder) {
      await fakeRedis(join(folder, "redis-server"), version);
      return version;
    },
  };
}

function failing(does: string, reason: string): Provider {
  return {
    how: "apt",
    does,
    async provide() {
      throw new Error(`${reason}\nat some place`);
    },
  };
}

describe("looking for a server", () => {
  it("prefers the option to the environment to the PATH to the cache", async () => {
    const { option, environment, path, cache, env } = await places();
    await fakeRedis(cache, "7.0.1");
    await expect(searchServer(redisServer, { env })).resolves.toMatchObject({ binary: { how: "cache", path: cache } });
    await fakeRedis(path, "7.0.2");
    await expect(searchServer(redisServer, { env })).resolves.toMatchObject({ binary: { how: "path", path } });
    await fakeRedis(environment, "7.0.3");
    const withVariable = { ...env, LOCKPROOF_REDIS_SERVER: environment };
    await expect(searchServer(redisServer, { env: withVariable })).resolves.toMatchObject({
      binary: { how: "environment", path: environment },
    });
    await fakeRedis(option, "7.0.4");
    await expect(searchServer(redisServer, { env: withVariable, path: option })).resolves.toMatchObject({
      binary: { how: "option", path: option },
    });
  });

  it.each(["option", "environment"] as const)("does not go past an %s that is wrong", async (place) => {
    const { option, path, env } = await places();
    await fakeRedis(path, "7.0.2");
    await fakeRedis(option, "6.2.14");
    const search =
      place === "option"
        ? searchServer(redisServer, { env, path: option })
        : searchServer(redisServer, { env: { ...env, LOCKPROOF_REDIS_SERVER: option } });
    await expect(search).rejects.toThrow(`${option}: found redis-server 6.2.14`);
  });

  it("goes past a PATH and a cache that hold something wrong, and remembers why", async () => {
    const { path, cache, env } = await places();
    await fakeRedis(path, "6.0.16");
    await writeProgram(cache, "exit 127");
    const { binary, attempts } = await searchServer(redisServer, { env });
    expect(binary).toBeUndefined();
    expect(attempts.map((attempt) => attempt.way)).toEqual(["PATH", "cache"]);
    expect(attempts[0]?.reason).toContain("redis-server 6.0.16");
    expect(attempts[1]?.reason).toContain("exit code 127");
  });
});

describe("providing a server", () => {
  it("takes the first way that works, and finds it in the cache from then on", async () => {
    const { env, cache } = await places();
    const providers = [failing("first", "no apt-get"), providing("go", "7.0.15"), providing("release", "8.0.0")];
    const provided = { name: "redis-server", path: cache, version: "7.0.15" };
    await expect(findOrProvide(redisServer, { env }, providers)).resolves.toEqual({ ...provided, how: "go" });
    await expect(findOrProvide(redisServer, { env }, [])).resolves.toEqual({ ...provided, how: "cache" });
  });

  it("says what it is about to try", async () => {
    const { env } = await places();
    const ways: string[] = [];
    const providers = [failing("first", "no apt-get"), providing("go", "7.0.15"), providing("release", "8.0.0")];
    await findOrProvide(redisServer, { env, onProvide: (way) => ways.push(way) }, providers);
    expect(ways).toEqual(["first", "go provides"]);
  });

  it("puts a working program in the place of a broken one in the cache", async () => {
    const { env, cache } = await places();
    await writeProgram(cache, "exit 127");
    await expect(findOrProvide(redisServer, { env }, [providing("go", "7.0.15")])).resolves.toMatchObject({
      path: cache,
      how: "go",
    });
  });

  it("does not keep what turns out to be too old", async () => {
    const { env } = await places();
    await expect(findOrProvide(redisServer, { env }, [providing("apt", "6.0.16")])).rejects.toThrow(
      /apt provides: .*redis-server 6\.0\.16/,
    );
    await expect(searchServer(redisServer, { env })).resolves.toMatchObject({ binary: undefined });
  });

  it("says everything that was tried and why each failed, a line each", async () => {
    const { env } = await places();
    const providers = [failing("apt-get download", "no apt-get on PATH"), failing("build", "no compiler")];
    const refusal = await findOrProvide(redisServer, { env }, providers).catch((thrown: unknown) => thrown);
    expect(refusal).toBeInstanceOf(LabError);
    expect(String(refusal).split("\n").slice(1)).toEqual([
      "  PATH: no redis-server there",
      "  cache: no redis-server there",
      "  apt-get download: no apt-get on PATH",
      "  build: no compiler",
    ]);
  });
});
