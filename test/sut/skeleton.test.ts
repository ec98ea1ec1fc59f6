import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { UsageError } from "../../src/evidence/failure.ts";
import { levelOf, levels } from "../../src/sut/levels.ts";
import { skeletonLanguages, writeSkeleton } from "../../src/sut/skeleton.ts";

function folder(): string {
  const made = mkdtempSync(join(tmpdir(), "lockproof-skeleton-"));
  onTestFinished(() => {
    chmodSync(made, 0o700);
    rmSync(made, { recursive: true });
  });
  return made;
}

const programs = { python: "scheduler.py", go: "main.go", rust: "src/main.rs", java: "Scheduler.java" };
/** The file that pins what it depends on, and the client of Redis in it. */
const pins = {
  python: ["requirements.txt", /^redis==\d+\.\d+\.\d+$/mu],
  go: ["go.mod", /github\.com\/redis\/go-redis\/v9 v9\.\d+\.\d+/u],
  rust: ["Cargo.toml", /^redis = \{ version = "=\d+\.\d+\.\d+"/mu],
  java: ["pom.xml", /<artifactId>jedis<\/artifactId>\s+<version>\d+\.\d+\.\d+</u],
} as const;

describe.each(skeletonLanguages)("the skeleton of a %s scheduler", (language) => {
  const written = () => {
    const parent = folder();
    const made = join(parent, "new", "deep");
    return { made, ...writeSkeleton(language, made) };
  };

  it("has the program, its script, a page, and what it depends on by exact versions", () => {
    const { files, made } = written();
    const [pinned, client] = pins[language];
    expect(files).toEqual(expect.arrayContaining(["README.md", "scheduler.lua", programs[language], pinned]));
    expect(readFileSync(join(made, pinned), "utf8")).toMatch(client);
  });

  it("claims the operations and the properties of level 0, and nothing else", () => {
    const { made } = written();
    const program = readFileSync(join(made, programs[language]), "utf8");
    const ops = [...program.matchAll(/"(?<op>[a-z]+_[a-z]+)"/gu)].map(({ groups }) => groups?.["op"] ?? "");
    const [first, ...higher] = levels;
    expect(levelOf(ops)).toBe(0);
    expect(higher.flatMap((one) => one.ops).filter((op) => ops.includes(op))).toEqual([]);
    for (const id of first?.properties ?? []) expect(program).toContain(`"${id}"`);
  });

  it("names the commands that build, check and verify it", () => {
    const { commands, made } = written();
    expect(commands.at(-1)).toMatch(/^lockproof sut check -- \S/u);
    expect(readFileSync(join(made, "README.md"), "utf8")).toMatch(/^lockproof verify --sut "\S.*"$/mu);
  });
});

describe("a folder that is not free", () => {
  it.each([
    ["a file in it", (path: string) => writeFileSync(join(path, "notes.txt"), "mine"), "notes.txt in it"],
    ["a hidden file in it", (path: string) => writeFileSync(join(path, ".git"), ""), ".git in it"],
    [
      "two entries in it",
      (path: string) => ["a", "b"].forEach((name) => void mkdirSync(join(path, name))),
      "a and 1 more in it",
    ],
  ])("is refused with %s, and left as it was", (_, fill, words) => {
    const taken = folder();
    fill(taken);
    const before = execFileSync("ls", ["-AR", taken], { encoding: "utf8" });
    expect(() => writeSkeleton("go", taken)).toThrow(UsageError);
    expect(() => writeSkeleton("go", taken)).toThrow(words);
    expect(execFileSync("ls", ["-AR", taken], { encoding: "utf8" })).toBe(before);
  });

  it("is refused where it is a file, or below one, or leads nowhere", () => {
    const at = folder();
    writeFileSync(join(at, "file"), "mine");
    symlinkSync(join(at, "nowhere", "at", "all"), join(at, "link"));
    for (const path of ["file", "file/below", "link"]) {
      expect(() => writeSkeleton("rust", join(at, path))).toThrow(UsageError);
    }
    expect(readFileSync(join(at, "file"), "utf8")).toBe("mine");
  });

  it.runIf(process.platform === "linux")("is refused at once where none can be made", () => {
    expect(() => writeSkeleton("rust", "/proc/none")).toThrow(UsageError);
  });

  it("may be there where it is empty", () => {
    expect(writeSkeleton("java", folder()).files).toContain("pom.xml");
  });
});
