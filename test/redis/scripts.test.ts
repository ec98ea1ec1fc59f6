import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { scriptCommands } from "../../src/redis/acl.ts";
import { contracts, type ScriptContract, scriptNames } from "../../src/redis/scripts/contract.ts";
import { loadScripts, ownScriptsDir, ScriptError } from "../../src/redis/scripts/scripts.ts";

const dir = ownScriptsDir();
const sourceOf = (name: string): string => readFileSync(join(dir, `${name}.lua`), "utf8");
const { scripts } = loadScripts();

/** Returns the content of a header, in the words of the contract. */
function headerOf(source: string): ScriptContract & { readonly says: readonly string[] } {
  const header = /^--\[\[([\s\S]*?)\]\]/u.exec(source)?.[1] ?? "";
  const keys = [...header.matchAll(/^KEYS\[\d+\] +(\w+) +(hash|stream|sorted set|set)\b/gmu)];
  const args = [...header.matchAll(/^ARGV\[\d+(?:\.\.)?\] +(\w+) /gmu)];
  const returns = /^Returns ([\s\S]*?)\n(?:Atomic)/mu.exec(header)?.[1] ?? "";
  const tags = [...returns.matchAll(/\{'(\w+)'/gu)].map((tag) => tag[1] ?? "");
  return {
    keys: keys.map(([, name = "", type = ""]) => [name, type] as const),
    args: args.map(([, name = ""]) => name),
    replies: tags.filter((tag) => tag !== "layout_mismatch"),
    says: [...header.matchAll(/^(Returns|Atomic|Idempotent|Keeps)\b/gmu)].map(([, word = ""]) => word),
  };
}

describe.each(scriptNames)("the header of %s", (name) => {
  const contract: ScriptContract = contracts[name];
  const header = headerOf(sourceOf(name));

  it("names the keys of the contract, in order", () => expect(header.keys).toEqual(contract.keys));
  it("names the arguments of the contract, in order", () => expect(header.args).toEqual(contract.args));
  it("names the replies of the contract", () => expect(new Set(header.replies)).toEqual(new Set(contract.replies)));
  it("says what it returns, what is atomic, how it repeats and what it keeps", () =>
    expect(header.says).toEqual(["Returns", "Atomic", "Idempotent", "Keeps"]));
  it("begins with the script's own name", () => expect(sourceOf(name)).toMatch(new RegExp(`^--\\[\\[ ${name}: `, "u")));
});

describe("the scripts", () => {
  const all = scriptNames.map((name) => scripts[name].source).join("\n");

  it("are all that there is in lua/", () => {
    const files = readdirSync(dir).filter((file) => file.endsWith(".lua"));
    expect(files.sort()).toEqual(scriptNames.map((name) => `${name}.lua`).sort());
  });

  it("call only commands that the least-privilege user may call", () => {
    const called = new Set(
      [...all.matchAll(/redis\.p?call\('([A-Z]+)'/gu)].map(([, command = ""]) => command.toLowerCase()),
    );
    expect([...called].sort()).toEqual([...scriptCommands]);
  });

  it("build no key names: every key is a declared one", () => {
    expect(all).not.toMatch(/['"]lp:|\{p\d|\{p['"]|:node:|:jobs:|:done:/u);
  });

  it("call no lock-like and no blocking command", () => {
    expect(all).not.toMatch(/'(SETNX|BLPOP|BRPOP|BLMOVE|BZPOP\w*|WAIT|WATCH)'|'NX'/u);
  });

  it("answer with a tag, never with a bare number", () => {
    expect(all).not.toMatch(/^\s*return -?\d+$/mu);
  });

  it("have no include left unread", () => expect(all).not.toContain("@include"));
});

describe("a folder of scripts", () => {
  it("that lacks one is refused with its name and what was expected", () => {
    expect(() => loadScripts(join(dir, "nowhere"))).toThrow(ScriptError);
    expect(() => loadScripts(join(dir, "nowhere"))).toThrow(/script register_node\.lua: found no such file/u);
  });

  it("has another fingerprint when one byte differs", () => {
    const edited = loadScripts(dir, (file, source) => (file === "sweep.lua" ? `${source}\n` : source));
    expect(edited.fingerprint).not.toBe(loadScripts().fingerprint);
  });
});
