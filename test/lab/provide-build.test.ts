import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { redisServer } from "../../src/lab/binary.ts";
import { findOrProvide } from "../../src/lab/find.ts";
import { buildProvider } from "../../src/lab/provide-build.ts";
import { fakeRedis, tempFolder } from "./temp-folder.ts";

describe("a redis-server that redis-memory-server builds", () => {
  it("is moved to where it is looked for, and its sources are not kept", async () => {
    const folder = await tempFolder();
    // What a build leaves: redis-memory-server downloads nothing where it finds that.
    await fakeRedis(join(folder, "sources/7.2.7/redis-server"), "7.2.7");
    await expect(buildProvider.provide(folder, process.env)).resolves.toBe("7.2.7");
    expect(existsSync(join(folder, "redis-server"))).toBe(true);
    expect(existsSync(join(folder, "sources"))).toBe(false);
  });

  it("is refused with the reason when its source is not to be had", async () => {
    const folder = await tempFolder();
    // A proxy on a port on which nobody may listen: no test leaves this machine.
    const env = { PATH: folder, LOCKPROOF_CACHE: folder, https_proxy: "http://127.0.0.1:1" };
    await expect(findOrProvide(redisServer, { env }, [buildProvider])).rejects.toThrow(
      /redis-memory-server builds Redis 7\.2\.7: .*ECONNREFUSED 127\.0\.0\.1:1/,
    );
  });
});
