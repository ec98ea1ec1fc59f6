// cspell:ignore CWORD COMPREPLY
import { execFileSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { createProgram } from "../../../src/cli/program.ts";
import { idleContext } from "../process/idle.ts";
import { command } from "../terminal.ts";

const program = createProgram(idleContext, "0.0.0");
const scriptOf = async (shell: string) => (await command(["completion", shell])).out;

/** Returns the words that bash would offer, in order. */
function offered(script: string, words: readonly string[]): readonly string[] {
  const asked = `COMP_WORDS=(${words.map((word) => `"${word}"`).join(" ")}); COMP_CWORD=${words.length - 1}`;
  const text = `${script}\n${asked}\n_lockproof\nprintf '%s\\n' "\${COMPREPLY[@]}"`;
  return execFileSync("bash", ["--norc", "-c", text], { encoding: "utf8" })
    .split("\n")
    .filter((line) => line !== "");
}

describe("completion bash", () => {
  it.each([
    [["lockproof", "ver"], ["verify"]],
    [["lockproof", "verify", "--prof"], ["--profile"]],
    [["lockproof", "verify", "--profile", "quick", "--see"], ["--seed"]],
    [["lockproof", "report", "one", "two", "--comp"], ["--compare"]],
    [["lockproof", "sut", "ch"], ["check"]],
    [["lockproof", "nonsense", "--pro"], []],
  ])("completes %j", async (words, found) => {
    expect(offered(await scriptOf("bash"), words)).toEqual(found);
  });

  it("offers every command first", async () => {
    const names = program.commands.map((one) => one.name());
    expect(offered(await scriptOf("bash"), ["lockproof", ""])).toEqual(expect.arrayContaining(names));
  });
});

it.each(["bash", "zsh", "fish"])("completion %s has every command and every flag of the program", async (shell) => {
  const { code, out } = await command(["completion", shell]);
  expect(code).toBe(0);
  for (const one of program.commands) {
    expect(out).toMatch(new RegExp(`\\b${one.name()}\\b`));
    for (const { hidden, long } of one.options)
      if (!hidden && long !== undefined && long !== null)
        expect(out).toContain(shell === "fish" ? `-l ${long.slice(2)}` : long);
  }
});
