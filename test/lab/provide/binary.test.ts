import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { LabError } from "../../../src/lab/error.ts";
import { compareVersions, inspectBinary, redisServer, toxiproxyServer } from "../../../src/lab/provide/binary.ts";
import { fakeRedis, fakeToxiproxy, tempFolder, writeProgram } from "../process/temp-folder.ts";

const env = process.env;
const versions = fc.tuple(fc.nat(20), fc.nat(20), fc.nat(20));

describe("versions", () => {
  it("sort newest first, number by number", () => {
    fc.assert(
      fc.property(versions, versions, (left, right) => {
        const difference = left.map((part, index) => (right[index] ?? 0) - part).find((part) => part !== 0) ?? 0;
        expect(Math.sign(compareVersions(left.join("."), right.join(".")))).toBe(Math.sign(difference));
      }),
    );
  });

  it("count a missing part as 0", () => {
    expect(compareVersions("7", "7.0.0")).toBe(0);
    expect(compareVersions("7.0", "7.0.1")).toBeGreaterThan(0);
  });

  it.each([
    ["6.2.14", false],
    ["6.9.9", false],
    ["7.0.0", true],
    ["7.0.15", true],
    ["8.2.3", true],
    ["10.0.0", true],
  ])("redis-server %s is supported: %s", (version, isSupported) => {
    expect(redisServer.supports(version)).toBe(isSupported);
  });

  it.each([
    ["2.5.0", true],
    ["2.12.0", true],
    ["git", true],
    ["1.2.1", false],
    ["3.0.0", false],
  ])("toxiproxy-server %s is supported: %s", (version, isSupported) => {
    expect(toxiproxyServer.supports(version)).toBe(isSupported);
  });
});

describe("a program that is named as redis-server", () => {
  it("is accepted with the version that it prints", async () => {
    const path = await fakeRedis(join(await tempFolder(), "any-name"), "7.2.4");
    await expect(inspectBinary(redisServer, { path, how: "option", env })).resolves.toEqual({
      name: "redis-server",
      path,
      version: "7.2.4",
      how: "option",
    });
  });

  it("is refused when it is too old, with what was found, what is allowed, where, and what to do", async () => {
    const path = await fakeRedis(join(await tempFolder(), "redis-server"), "6.2.14");
    const refusal = await inspectBinary(redisServer, { path, how: "option", env }).catch((thrown: unknown) => thrown);
    expect(refusal).toBeInstanceOf(LabError);
    expect(refusal).toMatchObject({
      found: "redis-server 6.2.14",
      allowed: "redis-server 7.0.0 or newer",
      where: path,
      fix: expect.stringContaining("LOCKPROOF_REDIS_SERVER"),
      message: expect.stringContaining("6.2.14"),
    });
  });

  it("is refused when it is another program", async () => {
    const path = await writeProgram(join(await tempFolder(), "redis-server"), 'echo "GNU Make 4.3"');
    await expect(inspectBinary(redisServer, { path, how: "option", env })).rejects.toThrow(
      /not a redis-server.*GNU Make 4\.3/,
    );
  });

  it("is refused when it prints a version but fails", async () => {
    const path = await fakeRedis(join(await tempFolder(), "redis-server"), "7.0.0");
    await writeProgram(path, 'echo "Redis server v=7.0.0"', "exit 3");
    await expect(inspectBinary(redisServer, { path, how: "option", env })).rejects.toThrow(/exit code 3/);
  });

  it("is refused when it cannot be executed, is a folder, or is not there", async () => {
    const folder = await tempFolder();
    const text = join(folder, "text");
    await writeFile(text, "Redis server v=7.0.0");
    for (const path of [text, folder, join(folder, "absent")]) {
      await expect(inspectBinary(redisServer, { path, how: "option", env })).rejects.toThrow(/no executable file/);
    }
  });
});

describe("a program that is named as toxiproxy-server", () => {
  it.each(["2.12.0", "git"])("is taken when it calls itself %s", async (version) => {
    const path = await fakeToxiproxy(join(await tempFolder(), "toxiproxy-server"), version);
    await expect(inspectBinary(toxiproxyServer, { path, how: "path", env })).resolves.toMatchObject({ version });
  });

  it("is refused when it is a redis-server", async () => {
    const path = await fakeRedis(join(await tempFolder(), "toxiproxy-server"), "7.0.0");
    await expect(inspectBinary(toxiproxyServer, { path, how: "path", env })).rejects.toThrow(/not a toxiproxy-server/);
  });
});
