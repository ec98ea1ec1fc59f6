import { spawn } from "node:child_process";
import { once } from "node:events";
import { copyFile, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from "vitest";

const launcher = fileURLToPath(new URL("../../../src/cli/lockproof.js", import.meta.url));

interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** @param closeEarly closes our end of stdout before anything was written to it */
function lockproof(
  path: string,
  words: readonly string[],
  nodeFlags: readonly string[] = [],
  closeEarly = false,
): Promise<Ended> {
  const child = spawn(process.execPath, [...nodeFlags, path, ...words], { stdio: ["ignore", "pipe", "pipe"] });
  let out = "";
  let err = "";
  if (closeEarly) child.stdout.destroy();
  else child.stdout.on("data", (chunk: Buffer) => (out += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (err += chunk.toString()));
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, out, err }));
  });
}

/** Makes a process believe that it is another version of Node. */
const pretend = (version: string) => [
  "--import",
  `data:text/javascript,Object.defineProperty(process,"versions",{value:{...process.versions,node:"${version}"}})`,
];

describe("the command in a process of its own", () => {
  it("prints its help and ends with 0", async () => {
    const { code, out, err } = await lockproof(launcher, ["--help"]);
    expect({ code, err }).toEqual({ code: 0, err: "" });
    expect(out).toMatch(/^Usage: lockproof/);
  });

  it("ends with 64 for a wrong flag, on stderr only", async () => {
    const { code, out, err } = await lockproof(launcher, ["verify", "--sed", "1"]);
    expect({ code, out }).toEqual({ code: 64, out: "" });
    expect(err).toContain("did you mean --seed?");
  });

  it("survives a closed pipe, with the same exit code and no message", async () => {
    expect(await lockproof(launcher, ["--help"], [], true)).toEqual({ code: 0, out: "", err: "" });
  });

  it("under a Node that is too old, continues under that of the checkout", async () => {
    const { code, out } = await lockproof(launcher, ["--help"], pretend("20.11.1"));
    expect(code).toBe(0);
    expect(out).toMatch(/^Usage: lockproof/);
  });
});

it("ending the command by its id, under a Node that is too old, ends the run", async () => {
  const words = ["simulate", "--scenario", "steady", "--seeds", "1..500", "--json"];
  const child = spawn(process.execPath, [...pretend("20.11.1"), launcher, ...words], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  let err = "";
  child.stderr.on("data", (chunk: Buffer) => (err += chunk.toString()));
  await once(child.stdout, "data");
  child.kill("SIGTERM");
  child.stdout.resume();
  // Its pipes are closed when the run, which has them too, is over.
  const [code] = await once(child, "close");
  expect(err).toContain("SIGTERM: ending the run");
  expect(code).toBe(3);
});

describe("the command as a package", () => {
  let base = "";
  beforeEach(async () => {
    base = await mkdtemp(join(tmpdir(), "lockproof-package-"));
  });
  afterEach(() => rm(base, { recursive: true }));

  async function installed(): Promise<string> {
    const root = join(base, "node_modules", "lockproof");
    const path = join(root, "src", "cli", "lockproof.js");
    const main = join(root, "dist", "src", "cli", "main.js");
    for (const file of [path, main]) await mkdir(dirname(file), { recursive: true });
    await copyFile(launcher, path);
    await writeFile(join(root, "package.json"), `{"type":"module"}`);
    await writeFile(main, `export const main = async (words) => { console.log("published", ...words); return 2; };`);
    return path;
  }

  it("runs the published JavaScript and ends with its exit code", async () => {
    expect(await lockproof(await installed(), ["verify"])).toEqual({ code: 2, out: "published verify\n", err: "" });
  });

  it.each(["20.11.1", "22.17.9"])(
    "under Node %s with no newer one at hand says what is needed and ends with 3",
    async (version) => {
      const { code, err } = await lockproof(await installed(), ["verify"], pretend(version));
      expect(code).toBe(3);
      expect(err).toContain(`broken run: this is Node ${version}; lockproof needs ^22.18 || ^24.11 || >=26`);
    },
  );

  it.each(["22.18.0", "24.0.0"])("under Node %s runs", async (version) => {
    expect((await lockproof(await installed(), [], pretend(version))).code).toBe(2);
  });
});
