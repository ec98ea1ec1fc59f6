import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { readdir, readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { type ServerBinary, toxiproxyServer } from "../../../src/lab/provide/binary.ts";
import { findOrProvide } from "../../../src/lab/provide/find.ts";
import { type Release, releaseProvider, toxiproxyRelease } from "../../../src/lab/provide/release.ts";
import { fakeToxiproxy, tempFolder, toolFolder } from "../process/temp-folder.ts";

const machine = `${process.platform}-${process.arch}`;

/** A release on loopback: its archive holds a program that calls itself Toxiproxy 2.12.0. */
async function publish(): Promise<{ readonly release: Release; readonly sha256: string }> {
  const folder = await tempFolder();
  await fakeToxiproxy(join(folder, "toxiproxy-server"), "2.12.0");
  await fakeToxiproxy(join(folder, "toxiproxy-cli"), "2.12.0");
  execFileSync("tar", ["-czf", "toxiproxy.tar.gz", "toxiproxy-server", "toxiproxy-cli"], { cwd: folder });
  const archive = await readFile(join(folder, "toxiproxy.tar.gz"));
  const server = createServer((request, response) => {
    if (request.url === "/v2.12.0/toxiproxy.tar.gz") response.end(archive);
    else response.writeHead(404).end();
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
  const url = `http://127.0.0.1:${port}/v2.12.0/`;
  return { release: { version: "2.12.0", url, archives: { [machine]: { name: "toxiproxy.tar.gz", sha256 } } }, sha256 };
}

async function provide(release: Release, cache: string): Promise<ServerBinary> {
  const env = { PATH: await toolFolder("tar", "gzip"), LOCKPROOF_CACHE: cache };
  return await findOrProvide(toxiproxyServer, { env }, [releaseProvider(release)]);
}

describe("the published release of Toxiproxy", () => {
  it("is unpacked into the cache when its checksum is the known one", async () => {
    const { release } = await publish();
    const cache = await tempFolder();
    const path = join(cache, `toxiproxy-server/2.12.0-${machine}/toxiproxy-server`);
    await expect(provide(release, cache)).resolves.toEqual({
      name: "toxiproxy-server",
      path,
      version: "2.12.0",
      how: "release",
    });
  });

  it("is refused when its checksum is another one, and nothing of it is kept", async () => {
    const { release, sha256 } = await publish();
    const cache = await tempFolder();
    const other = "0".repeat(64);
    const archives = { [machine]: { name: "toxiproxy.tar.gz", sha256: other } };
    await expect(provide({ ...release, archives }, cache)).rejects.toThrow(`found sha256 ${sha256}, allowed ${other}`);
    await expect(readdir(join(cache, "toxiproxy-server"))).resolves.toEqual([]);
  });

  it("says what went wrong when it is missing, no server answers, or no archive is known for this machine", async () => {
    const { release } = await publish();
    const cache = await tempFolder();
    await expect(provide({ ...release, url: `${release.url}x/` }, cache)).rejects.toThrow(/status 404/);
    await expect(provide({ ...release, url: "http://127.0.0.1:1/" }, cache)).rejects.toThrow(/127\.0\.0\.1:1\//);
    await expect(provide({ ...release, archives: {} }, cache)).rejects.toThrow(`no release is known for ${machine}`);
  });

  it("has a checksum for every machine that it is known for", () => {
    const archives = Object.values(toxiproxyRelease.archives);
    expect(archives).toHaveLength(4);
    expect(new Set(archives.map((archive) => archive?.sha256)).size).toBe(4);
    for (const archive of archives) {
      expect(archive?.sha256).toMatch(/^[0-9a-f]{64}$/);
      expect(archive?.name).toContain(toxiproxyRelease.version);
    }
  });
});
