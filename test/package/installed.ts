/** The packed packages, installed by npm into empty folders with an empty cache, as a user does it. */
import { execFile } from "node:child_process";
import { mkdir, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("../..", import.meta.url));

export interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly cwd: string;
  /** A folder that comes first in PATH: that of another Node. */
  readonly bin?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** @returns how it ended, whatever the exit code */
export function run(file: string, words: readonly string[], { bin, cwd, env }: RunOptions): Promise<Ended> {
  const path = [...(bin === undefined ? [] : [bin]), dirname(process.execPath), process.env["PATH"]].join(delimiter);
  const options = { cwd, env: { ...process.env, PATH: path, ...env }, maxBuffer: 64 * 1024 * 1024 };
  return new Promise((resolve) => {
    execFile(file, words, options, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === "number" ? error.code : 3;
      resolve({ code, stdout, stderr });
    });
  });
}

const npm = { npm_config_update_notifier: "false", npm_config_fund: "false", npm_config_audit: "false" };

/** @param of the folder of the package @returns the path of the packed file, and its size in bytes */
export async function pack(of: string, into: string): Promise<{ readonly file: string; readonly bytes: number }> {
  await mkdir(into, { recursive: true });
  const ended = await run("npm", ["pack", "--json", "--pack-destination", into], { cwd: join(root, of), env: npm });
  if (ended.code !== 0) throw new Error(`npm pack of ${of}: ${ended.stderr}`);
  const [name = ""] = (await readdir(into)).filter((each) => each.endsWith(".tgz"));
  const file = join(into, name);
  return { file, bytes: (await stat(file)).size };
}

/** A folder with a package.json of its own and nothing else. */
export async function emptyProject(folder: string): Promise<string> {
  await mkdir(folder, { recursive: true });
  await writeFile(
    join(folder, "package.json"),
    '{ "private": true, "type": "module", "allowScripts": { "node": true } }\n',
  );
  return folder;
}

/** @param cache empty, or with what an earlier installation of the same test has brought */
export async function install(folder: string, cache: string, what: readonly string[]): Promise<Ended> {
  const ended = await run("npm", ["install", "--save-exact", ...what], {
    cwd: folder,
    env: { ...npm, npm_config_cache: cache },
  });
  if (ended.code !== 0) throw new Error(`npm install ${what.join(" ")}: ${ended.stderr}`);
  return ended;
}

/** The installed packages but for types, by their paths in node_modules, with what each takes on the disk. */
export async function installedIn(
  folder: string,
): Promise<{ readonly names: readonly string[]; readonly bytes: number }> {
  const text = await readFile(join(folder, "node_modules", ".package-lock.json"), "utf8");
  const { packages } = JSON.parse(text) as { packages: Record<string, unknown> };
  const names = Object.keys(packages).map((path) => path.replace(/^node_modules\//u, ""));
  return { names, bytes: await sizeOf(join(folder, "node_modules")) };
}

async function sizeOf(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const sizes = await Promise.all(
    entries
      .filter((entry) => entry.isFile())
      .map(async (entry) => (await stat(join(entry.parentPath, entry.name))).size),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}
