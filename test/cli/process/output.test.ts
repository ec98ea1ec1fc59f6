// cspell:ignore kinject mheld replylost
import { describe, expect, it } from "vitest";
import { createOutput, type Output } from "../../../src/cli/printing/output.ts";
import { nearest } from "../../../src/evidence/nearest.ts";
import { command, stream } from "../terminal.ts";

function printed(isTTY: boolean, env: Readonly<Record<string, string>>, text: (output: Output) => string): string {
  const out = stream(isTTY);
  const output = createOutput(out, stream(), env);
  output.line(text(output));
  return out.text;
}

describe("output", () => {
  it("is coloured on a terminal only, and never under NO_COLOR", () => {
    const word = (isTTY: boolean, env: Readonly<Record<string, string>>) =>
      printed(isTTY, env, (output) => output.verdict("held", 6));
    expect(word(true, {})).toBe("\u001b[32mheld  \u001b[39m\n");
    expect(word(true, { NO_COLOR: "1" })).toBe("held  \n");
    expect(word(true, { TERM: "dumb" })).toBe("held  \n");
    expect(word(false, {})).toBe("held  \n");
  });

  it.each([
    ["\u001b[2J", "\\x1b[2J"],
    ["\u009b31m", "\\x9b31m"],
    ["a\u202eb", "a\\u202eb"],
    ["\u001b[32mheld\u001b[39m", "\\x1b[32mheld\\x1b[39m"],
    ["\r\b\u0007", "\\x0d\\x08\\x07"],
  ])("escapes the control characters of %j on every stream", (hostile, shown) => {
    for (const isTTY of [true, false]) {
      const [out, err] = [stream(isTTY), stream(isTTY)];
      const output = createOutput(out, err, {});
      output.line(`${output.verdict("held")} ${hostile}`);
      output.note(hostile);
      output.json({ hostile });
      output.progress(hostile);
      const [line = "", json = ""] = out.text.split("\n");
      expect(line.endsWith(` ${shown}`)).toBe(true);
      expect(JSON.parse(json)).toEqual({ hostile });
      // biome-ignore lint/suspicious/noControlCharactersInRegex: these must not occur
      expect(json).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202e]/);
      expect(err.text.split("\n")[0]).toBe(shown);
      expect(err.text.replaceAll("\r\u001b[2K", "")).toBe(`${shown}\n${isTTY ? shown : ""}`);
    }
  });

  it("shows progress on a terminal, and wipes it before the next line", () => {
    const [out, err] = [stream(true), stream(true)];
    const output = createOutput(out, err, {});
    output.progress("inject redis-gone");
    output.line("done");
    expect(err.text).toBe("\r\u001b[2Kinject redis-gone\r\u001b[2K");
    expect(out.text).toBe("done\n");
  });

  it("shows progress in a pipe as one line a minute, and none before that", () => {
    const err = stream();
    let now = 5;
    const output = createOutput(stream(), err, {}, () => now);
    for (const [at, text] of [
      [60_004, "redis-slow"],
      [60_005, "redis-gone"],
      [120_004, "reply-lost"],
      [300_000, "steady"],
    ] as const) {
      now = at;
      output.progress(text);
    }
    expect(err.text).toBe("… redis-gone\n… steady\n");
  });
});

describe("help", () => {
  it.each([[["--help"]], [["verify", "--help"]], [["replay", "-h"]], [["help", "conform"]], [["--version"]]])(
    "%j goes to stdout and ends with 0",
    async (words) => {
      const { code, out, err } = await command(words);
      expect({ code, err }).toEqual({ code: 0, err: "" });
      expect(out).toMatch(words[0] === "--version" ? /^0\.0\.0\n$/ : /Usage: lockproof/);
    },
  );

  it("gives each command an example", async () => {
    for (const name of ["verify", "replay", "conform", "inject", "mutants", "report", "doctor"]) {
      expect((await command([name, "--help"])).out).toMatch(new RegExp(`Examples?:\n {2}lockproof ${name}`));
    }
  });
});

describe("the nearest word", () => {
  it.each([
    ["redis-gon", "redis-gone"],
    ["REDIS-SLOW", "redis-slow"],
    ["replylost", "reply-lost"],
    ["qqq", undefined],
    ["", undefined],
  ])("to %j is %j", (word, expected) => {
    expect(nearest(word, ["redis-slow", "redis-gone", "reply-lost"])).toBe(expected);
  });
});
