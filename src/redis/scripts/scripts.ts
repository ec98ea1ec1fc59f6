/** The scripts as files: read, put together with what they include, and named by their SHA-1. */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { notRegular } from "../../files/file-kind.ts";
import { type ScriptName, scriptNames } from "./contract.ts";

export interface Script {
  readonly name: ScriptName;
  readonly source: string;
  /** The SHA-1 of the source in hex, by which Redis identifies the script. */
  readonly sha: string;
}

export interface ScriptSet {
  /** `lua` for our own, else the last part of the folder's name. */
  readonly name: string;
  /** 12 hex digits over all sources: equal only for equal scripts. */
  readonly fingerprint: string;
  readonly scripts: Readonly<Record<ScriptName, Script>>;
}

/** A set of scripts that cannot be used: a file that is missing or cannot be read, or one that Redis does not compile. */
export class ScriptError extends Error {
  override readonly name = "ScriptError";
  readonly fix = "mend the scripts, and run it again";
}

const sha1 = (text: string): string => createHash("sha1").update(text).digest("hex");

/** Ours: beside the sources in a checkout, beside `dist/` in the published package. */
export function ownScriptsDir(): string {
  const here = fileURLToPath(new URL(".", import.meta.url));
  return here.includes(join("dist", "src")) ? join(here, "../../../../lua") : join(here, "../../../lua");
}

/** Reads all scripts of `dir`. A replacement changes one source before it is named: how planted bugs are made. @throws ScriptError */
export function loadScripts(
  dir: string = ownScriptsDir(),
  edit: (file: string, source: string) => string = same,
): ScriptSet {
  const read = (file: string): string => {
    const found = notRegular(join(dir, file));
    if (found === null) return edit(file, readFileSync(join(dir, file), "utf8"));
    throw new ScriptError(
      `script ${file}: found ${found} in ${dir}; ` +
        `allowed is a folder with ${scriptNames.map((name) => `${name}.lua`).join(", ")} and what they include; ` +
        "copy lua/ whole and change the copy",
    );
  };
  const include = (source: string): string =>
    source.replace(/^--@include (\w+)$/gmu, (_, name: string) => read(join("include", `${name}.lua`)));
  const scripts = {} as Record<ScriptName, Script>;
  for (const name of scriptNames) {
    const source = include(read(`${name}.lua`));
    scripts[name] = { name, source, sha: sha1(source) };
  }
  const fingerprint = sha1(scriptNames.map((name) => scripts[name].sha).join("\n")).slice(0, 12);
  return { name: dir === ownScriptsDir() ? "lua" : basename(dir), fingerprint, scripts };
}

const same = (_file: string, source: string): string => source;
