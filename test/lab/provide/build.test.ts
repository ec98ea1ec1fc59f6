import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { redisServer } from "../../../src/lab/provide/binary.ts";
import { buildProvider, redisSource } from "../../../src/lab/provide/build.ts";
import { findOrProvide } from "../../../src/lab/provide/find.ts";
import { fakeRedis, tempFolder } from "../process/temp-folder.ts";

interface Published {
  readonly url: string;
  readonly sha256: string;
}

/** A source on loopback: its build makes a program that calls itself Redis 7.2.7, and writes where it was built. */
async function publish(): Promise<Published> {
  const folder = await tempFolder();
  await mkdir(join(folder, "redis-7.2.7"));
  await fakeRedis(join(folder, "redis-7.2.7/src/redis-server"), "7.2.7");
  await writeFile(join(folder, "redis-7.2.7/Makefile"), "all:\n\ttouch $$BUILT\n");
  execFileSync("tar", ["-czf", "redis.tar.gz", "redis-7.2.7"], { cwd: folder });
  const archive = await readFile(join(folder, "redis.tar.gz"));
  const server = createServer((_request, response) => {
    response.writeHead(200, { "content-length": archive.length }).end(archive);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const sha256 = createHash("sha256").update(archive).digest("hex");
  return { url: `http://127.0.0.1:${port}/redis-7.2.7.tar.gz`, sha256 };
}

/** @param sha256 the one that is known */
async function build({ url }: Published, sha256: string) {
  const folder = await tempFolder();
  const mark = join(folder, "built");
  const direct = { https_proxy: "", http_proxy: "", HTTPS_PROXY: "", HTTP_PROXY: "" };
  const env = { ...process.env, ...direct, REDISMS_DOWNLOAD_URL: url, BUILT: mark };
  const version = buildProvider({ version: "7.2.7", sha256 }).provide(folder, env);
  const error = await version.then(
    () => null,
    (thrown: Error) => thrown.message,
  );
  return { error, wasBuilt: existsSync(mark), isThere: existsSync(join(folder, "redis-server")), folder };
}

describe("a redis-server that redis-memory-server builds", () => {
  it("is moved to where it is looked for, and its sources are not kept", async () => {
    const published = await publish();
    const { folder, ...found } = await build(published, published.sha256);
    expect(found).toEqual({ error: null, wasBuilt: true, isThere: true });
    expect(existsSync(join(folder, "sources"))).toBe(false);
  });

  it("is refused with both sums when its source has another, before anything is built", async () => {
    const published = await publish();
    const { sha256: known } = redisSource;
    const { folder: _, ...found } = await build(published, known);
    expect(found).toEqual({
      error: `Error: redis-7.2.7.tar.gz is not the known one: found sha256 ${published.sha256}, allowed ${known}`,
      wasBuilt: false,
      isThere: false,
    });
  });

  it("is refused with the reason when its source is not to be had", async () => {
    const folder = await tempFolder();
    // A proxy on a port on which nothing may listen: no test leaves this machine.
    const env = { PATH: folder, LOCKPROOF_CACHE: folder, https_proxy: "http://127.0.0.1:1" };
    await expect(findOrProvide(redisServer, { env }, [buildProvider(redisSource)])).rejects.toThrow(
      /redis-memory-server builds Redis 7\.2\.7: .*ECONNREFUSED 127\.0\.0\.1:1/,
    );
  });
});
