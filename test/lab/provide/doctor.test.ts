import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it, vi } from "vitest";
import { examine, examineNode, type Finding } from "../../../src/lab/provide/doctor.ts";
import { toxiproxy } from "../../../src/lab/provide/go.ts";
import { fakeGo, fakeRedis, fakeToxiproxy, tempFolder, writeProgram } from "../process/temp-folder.ts";

function find(findings: readonly Finding[], name: string): Finding | undefined {
  return findings.find((finding) => finding.name === name);
}

describe("doctor", () => {
  it("reports what is there, with where, version and how", async () => {
    const folder = await tempFolder();
    const redis = await fakeRedis(join(folder, "bin/redis-server"), "7.2.4");
    const toxiproxy = await fakeToxiproxy(join(folder, "toxi"), "2.12.0");
    const go = await writeProgram(join(folder, "bin/go"));
    const env = { PATH: join(folder, "bin"), LOCKPROOF_CACHE: join(folder, "cache/not/yet") };
    const findings = await examine({ env, toxiproxyServer: toxiproxy });
    expect(findings.filter((finding) => finding.status !== "found").map((finding) => finding.name)).toEqual([
      "package manager",
    ]);
    expect(find(findings, "redis-server")).toMatchObject({ where: redis, version: "7.2.4", how: "path" });
    expect(find(findings, "toxiproxy-server")).toMatchObject({ where: toxiproxy, version: "2.12.0", how: "option" });
    expect(find(findings, "go")).toMatchObject({ where: go, required: false });
    expect(find(findings, "node")).toMatchObject({ version: process.versions.node, required: true });
  });

  it("reports what is missing with the command that gets it, and provides nothing", async () => {
    const folder = await tempFolder();
    for (const tool of ["apt-get", "dpkg", "go"]) {
      await writeProgram(join(folder, tool), `echo used > ${folder}/used`);
    }
    const findings = await examine({ env: { PATH: folder, LOCKPROOF_CACHE: join(folder, "cache") } });
    expect(find(findings, "redis-server")).toMatchObject({
      status: "missing",
      reason: "PATH: no redis-server there; cache: no redis-server there",
      fix: "sudo apt-get install redis-server",
    });
    expect(find(findings, "toxiproxy-server")).toMatchObject({
      status: "missing",
      fix: expect.stringContaining("go install github.com/Shopify/toxiproxy/v2/cmd/server@v2.12.0"),
    });
    await expect(writeFile(join(folder, "used"), "", { flag: "wx" })).resolves.toBeUndefined();
    await expect(writeFile(join(folder, "cache"), "", { flag: "wx" })).resolves.toBeUndefined();
  });

  it.each([
    ["brew", "brew install redis", "brew install toxiproxy"],
    ["apk", "sudo apk add redis", expect.stringContaining("go install")],
    ["dnf", "sudo dnf install redis", expect.stringContaining("go install")],
  ])("knows what to do with %s", async (manager, redisFix, toxiproxyFix) => {
    const folder = await tempFolder();
    await writeProgram(join(folder, manager));
    const findings = await examine({ env: { PATH: folder, LOCKPROOF_CACHE: folder } });
    expect(find(findings, "redis-server")?.fix).toBe(redisFix);
    expect(find(findings, "toxiproxy-server")?.fix).toEqual(toxiproxyFix);
    expect(find(findings, "package manager")?.where).toBe(join(folder, manager));
  });

  it("reports an explicit path that is wrong", async () => {
    const folder = await tempFolder();
    const old = await fakeRedis(join(folder, "old"), "6.2.14");
    const findings = await examine({ env: { PATH: folder, LOCKPROOF_CACHE: folder }, redisServer: old });
    expect(find(findings, "redis-server")).toMatchObject({
      status: "wrong",
      where: old,
      reason: expect.stringContaining("6.2.14"),
    });
  });

  it("reports folders that cannot be written", async () => {
    const folder = await tempFolder();
    const file = join(folder, "file");
    await writeFile(file, "");
    vi.stubEnv("TMPDIR", file);
    const findings = await examine({ env: { PATH: folder, LOCKPROOF_CACHE: join(file, "cache") } });
    vi.unstubAllEnvs();
    for (const name of ["cache folder", "temporary folder"]) {
      expect(find(findings, name)).toMatchObject({ status: "wrong", reason: `${file} is not a folder` });
    }
  });

  it("provides when it is asked to, and reports why it could not", async () => {
    const folder = await tempFolder();
    await fakeGo(join(folder, "go"), toxiproxy.sum);
    await writeProgram(join(folder, "apt-get"), "exit 100");
    const env = { PATH: folder, LOCKPROOF_CACHE: join(folder, "cache"), LOCKPROOF_REDIS_SERVER: join(folder, "none") };
    const findings = await examine({ env, provide: true });
    expect(find(findings, "toxiproxy-server")).toMatchObject({ status: "found", how: "go", version: "2.12.0" });
    expect(find(findings, "redis-server")).toMatchObject({ status: "missing", where: join(folder, "none") });
  });

  it.each([
    ["22.18.0", "found"],
    ["24.21.0", "found"],
    ["22.17.1", "wrong"],
    ["20.20.2", "wrong"],
  ])("judges Node %s as %s", (version, status) => {
    expect(examineNode(version)).toMatchObject({ status, version });
  });
});
