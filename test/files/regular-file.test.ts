import { execFileSync } from "node:child_process";
import { closeSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { UsageError } from "../../src/evidence/failure.ts";
import { notFolder } from "../../src/files/file-kind.ts";
import { openRegular, readRegular, requireFolder } from "../../src/files/regular-file.ts";

let folder = "";
const at = (name: string): string => join(folder, name);
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "lockproof-files-"));
  writeFileSync(at("file"), "text");
  mkdirSync(at("folder"));
  execFileSync("mkfifo", [at("fifo")]);
  symlinkSync(at("file"), at("link"));
  symlinkSync(at("fifo"), at("link-to-fifo"));
  symlinkSync("/dev/zero", at("link-to-device"));
  symlinkSync("/proc/self/status", at("link-to-proc"));
  symlinkSync(at("loop"), at("loop"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const detail = { where: "FILE", fix: "name another one" };

describe("a regular file", () => {
  it.each(["file", "link"])("is read, also through a link: %s", (name) => {
    expect(readRegular(at(name), detail)).toBe("text");
    const descriptor = openRegular(at(name), detail);
    expect(readFileSync(descriptor, "utf8")).toBe("text");
    closeSync(descriptor);
  });

  it("is refused above its limit, before it is read", () => {
    expect(() => readRegular(at("file"), detail, 3)).toThrow(/found 4 bytes, more than 3 at .*file/);
  });

  it.each([
    ["folder", "a folder"],
    ["fifo", "a FIFO"],
    ["link-to-fifo", "a FIFO"],
    ["link-to-device", "a device"],
    ["link-to-proc", "a file of the kernel"],
    ["nothing", "no such file"],
    ["loop", "ELOOP"],
    ["file/inside", "ENOTDIR"],
    ["/dev/zero", "a device"],
    ["/proc/self/mem", "a file of the kernel"],
    ["/proc/self/fd/../status", "a file of the kernel"],
    ["/sys/kernel", "a file of the kernel"],
  ])("is not what is at %s, which is not opened", (name, found) => {
    const path = name.startsWith("/") ? name : at(name);
    for (const read of [() => readRegular(path, detail), () => openRegular(path, detail)]) {
      expect(read).toThrow(UsageError);
      expect(read).toThrow(`found ${found} at ${path}; allowed is a regular file`);
      expect(read).toThrow(expect.objectContaining(detail));
    }
  });

  it("is no socket", async () => {
    const server = createServer().listen(at("socket"));
    await new Promise((resolve) => server.once("listening", resolve));
    expect(() => readRegular(at("socket"), detail)).toThrow(/found a socket/);
    await new Promise((resolve) => server.close(resolve));
  });
});

describe("a folder", () => {
  it("is accepted, and nothing else is", () => {
    expect(notFolder(at("folder"))).toBeNull();
    expect(notFolder(at("file"))).toBe("a file");
    expect(notFolder("/proc/self/fd")).toBe("a file of the kernel");
    expect(() => requireFolder(at("fifo"), detail)).toThrow(`found a FIFO at ${at("fifo")}; allowed is a folder`);
    expect(() => requireFolder(at("folder"), detail)).not.toThrow();
  });
});
