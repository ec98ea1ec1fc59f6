/**
 * Debian and Ubuntu: downloads the packages and unpacks them into the cache. Nothing is installed and root is not needed.
 *
 * `redis-server` in its package is a link to a program in `redis-tools`, hence two packages. Libraries that the system lacks are unpacked beside it,
 * and a small starter script names their folder to the loader.
 */

import { chmod, mkdir, readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type CommandResult, type Environment, findOnPath, lastLine, runCommand } from "../process/command.ts";
import { redisServer } from "./binary.ts";
import { checkSha256 } from "./checksum.ts";
import type { Provider } from "./find.ts";

const packages = ["redis-server", "redis-tools"];
const timeout = 120_000;

/** Shared by the steps of one unpacking. */
interface Workshop {
  readonly folder: string;
  readonly env: Environment;
  readonly signal: AbortSignal | undefined;
  readonly apt: string;
  readonly dpkg: string;
  /** Settings that keep apt off the system's own state, once its package lists have proved to be missing. */
  readonly settings: readonly string[];
}

export const aptProvider: Provider = {
  how: "apt",
  does: "apt-get download redis-server redis-tools",
  async provide(folder, env, signal) {
    const [apt] = await findOnPath("apt-get", env);
    const [dpkg] = await findOnPath("dpkg", env);
    if (apt === undefined || dpkg === undefined) throw new Error("not a Debian or Ubuntu: no apt-get and dpkg on PATH");
    const workshop = await downloadServer({ folder, env, signal, apt, dpkg, settings: ownSettings() });
    await unpackAll(workshop);
    // Not the target of the link: the program decides by its own name which one it is.
    const program = join(folder, "root/usr/bin/redis-server");
    const libraries = await provideLibraries(workshop, program);
    await writeStarter(folder, program, libraries);
    for (const name of ["packages", "apt", "root/usr/share"])
      await rm(join(folder, name), { recursive: true, force: true });
    return await versionOf(join(folder, "redis-server"), env);
  },
};

/** Whatever the system's own settings permit: package lists without a valid signature are refused here. */
const signedOnly = [
  "AllowInsecureRepositories",
  "AllowWeakRepositories",
  "AllowDowngradeToInsecureRepositories",
].flatMap((setting) => ["-o", `Acquire::${setting}=false`]);

/** apt drops root for a user who cannot write into our private folder. */
function ownSettings(): readonly string[] {
  const sandbox = process.getuid?.() === 0 ? ["-o", "APT::Sandbox::User=root"] : [];
  return [...sandbox, ...signedOnly, "-o", "APT::Get::AllowUnauthenticated=false"];
}

async function downloadServer(workshop: Workshop): Promise<Workshop> {
  if ((await download(workshop, packages)).exitCode === 0) return workshop;
  const withLists = await fetchPackageLists(workshop);
  const second = await download(withLists, packages);
  if (second.exitCode !== 0) throw new Error(lastLine(second.stderr));
  return withLists;
}

async function fetchPackageLists(workshop: Workshop): Promise<Workshop> {
  const state = join(workshop.folder, "apt");
  await mkdir(join(state, "lists/partial"), { recursive: true });
  await mkdir(join(state, "cache/archives/partial"), { recursive: true });
  const settings = [
    ...workshop.settings,
    ...["-o", `Dir::State::lists=${state}/lists`],
    ...["-o", `Dir::Cache=${state}/cache`],
  ];
  const updated = { ...workshop, settings };
  const answer = await runApt(updated, ["update"]);
  if (answer.exitCode !== 0) throw new Error(`no package lists: apt-get update said "${lastLine(answer.stderr)}"`);
  return updated;
}

/** @throws Error where a package is not the one that the signed package lists name */
async function download(workshop: Workshop, names: readonly string[]): Promise<CommandResult> {
  const listed = await runApt(workshop, ["--print-uris", "download", ...names]);
  if (listed.exitCode !== 0) return listed;
  const downloaded = await runApt(workshop, ["download", ...names]);
  if (downloaded.exitCode === 0) await checkPackages(join(workshop.folder, "packages"), listed.stdout);
  return downloaded;
}

/** @param listed a line each: `'address' name size SHA256:sum`; what is there from before has been checked before */
async function checkPackages(folder: string, listed: string): Promise<void> {
  const files = new Set(await readdir(folder));
  const sums = [...listed.matchAll(/^'[^']*' (\S+) \d+ SHA256:([0-9a-f]{64})$/gm)];
  if (sums.length === 0) throw new Error("the package lists name no SHA256 of what is downloaded");
  for (const [, name = "", sha256 = ""] of sums) {
    if (!files.has(name)) throw new Error(`apt-get downloaded no ${name}`);
    await checkSha256(join(folder, name), name, sha256);
  }
}

async function runApt(workshop: Workshop, args: readonly string[]): Promise<CommandResult> {
  const { apt, env, signal, settings, folder } = workshop;
  await mkdir(join(folder, "packages"), { recursive: true });
  return await runCommand(apt, ["-q", ...settings, ...args], { env, cwd: join(folder, "packages"), timeout, signal });
}

async function unpackAll({ folder, dpkg, env }: Workshop): Promise<void> {
  for (const file of await readdir(join(folder, "packages"))) {
    const archive = join(folder, "packages", file);
    const answer = await runCommand(dpkg, ["-x", archive, join(folder, "root")], { env, timeout });
    if (answer.exitCode !== 0) throw new Error(`dpkg -x ${file}: ${lastLine(answer.stderr)}`);
  }
}

/** @returns the folders of the unpacked libraries; empty where the system has all that the program needs */
async function provideLibraries(workshop: Workshop, program: string): Promise<readonly string[]> {
  if ((await missingLibraries(program, [], workshop.env)).length === 0) return [];
  const names = await packagesNotInstalled(workshop);
  const answer = await download(workshop, names);
  if (answer.exitCode !== 0) throw new Error(`libraries ${names.join(" ")}: ${lastLine(answer.stderr)}`);
  await unpackAll(workshop);
  const folders = await libraryFolders(join(workshop.folder, "root"));
  const missing = await missingLibraries(program, folders, workshop.env);
  if (missing.length > 0) throw new Error(`the libraries ${missing.join(", ")} are not to be had`);
  return folders;
}

async function missingLibraries(
  program: string,
  folders: readonly string[],
  env: Environment,
): Promise<readonly string[]> {
  const answer = await runCommand("ldd", [program], { env: { ...env, LD_LIBRARY_PATH: folders.join(":") }, timeout });
  return [...answer.stdout.matchAll(/^\s*(\S+) => not found/gm)].map((match) => match[1] ?? "");
}

/** The dependencies of the two packages that the system lacks: dpkg knows what is installed, apt what is needed. */
async function packagesNotInstalled(workshop: Workshop): Promise<readonly string[]> {
  const { env, dpkg, folder } = workshop;
  const needed = new Set<string>();
  for (const file of await readdir(join(folder, "packages"))) {
    const answer = await runCommand(dpkg, ["-f", join(folder, "packages", file), "Depends"], { env, timeout });
    for (const [name] of answer.stdout.matchAll(/\b(?:lib|lua)[a-z0-9.+-]+/g)) needed.add(name);
  }
  const missing: string[] = [];
  for (const name of needed) {
    if ((await runCommand(dpkg, ["-s", name], { env, timeout })).exitCode !== 0) missing.push(name);
  }
  return missing;
}

/** Every folder of the unpacked packages that holds a shared library. */
async function libraryFolders(root: string): Promise<readonly string[]> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  return [...new Set(entries.filter((entry) => /\.so(\.|$)/.test(entry.name)).map((entry) => entry.parentPath))];
}

/** `exec` keeps the process id, so a signal to the starter reaches the server. */
async function writeStarter(folder: string, program: string, libraries: readonly string[]): Promise<void> {
  const inside = (path: string): string => `$here/${path.slice((folder.endsWith("/") ? folder : `${folder}/`).length)}`;
  const starter = join(folder, "redis-server");
  const lines = ["#!/bin/sh", 'here="$' + '{0%/*}"'];
  if (libraries.length > 0) lines.push(`export LD_LIBRARY_PATH="${libraries.map(inside).join(":")}"`);
  await writeFile(starter, `${[...lines, `exec "${inside(program)}" "$@"`].join("\n")}\n`);
  await chmod(starter, 0o755);
}

async function versionOf(starter: string, env: Environment): Promise<string> {
  const answer = await runCommand(starter, ["--version"], { env, timeout });
  const version = redisServer.versionIn(answer.stdout);
  if (version === undefined) throw new Error(`the unpacked program does not run: ${lastLine(answer.stderr)}`);
  return version;
}
