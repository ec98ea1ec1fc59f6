/** Environment variables: the help lists each, and colors obey them. */
import { describe, expect, it } from "vitest";
import { createOutput } from "../../../src/cli/printing/output.ts";
import { sourcesIn } from "../../house/sources.ts";
import { command, stream } from "../terminal.ts";

/** Variables of every program, which say where its home and its programs are. */
const general = ["HOME", "PATH", "LD_LIBRARY_PATH"];

it("every variable that the program reads is in the help", async () => {
  const { out } = await command(["--help"]);
  const read = sourcesIn("src", [".ts", ".js"])
    .filter(({ path }) => !path.startsWith("src/mutate/"))
    .flatMap(({ text }) => [
      ...text.matchAll(/\b(?:process\.)?env(?:\["([A-Z_]+)"\]|\.([A-Z_]+)\b)|variable: "([A-Z_]+)"/g),
    ])
    .map(([, indexed, dotted, named]) => indexed ?? dotted ?? named ?? "");
  expect(read).toContain("LOCKPROOF_CACHE");
  expect(read).toContain("LOCKPROOF_REDIS_SERVER");
  for (const name of new Set(read)) if (!general.includes(name)) expect(out).toContain(name);
});

it("lockproof alone prints the help", async () => {
  const alone = await command([]);
  expect(alone).toMatchObject({ code: 0, err: "", out: (await command(["--help"])).out });
});

describe("colours", () => {
  const isColoured = (isTTY: boolean, env: Readonly<Record<string, string>>) =>
    createOutput(stream(isTTY), stream(isTTY), env).verdict("held") !== "held";

  it.each([
    ["on a terminal", true, {}, true],
    ["with NO_COLOR", true, { NO_COLOR: "1" }, false],
    ["with an empty NO_COLOR", true, { NO_COLOR: "" }, true],
    ["on a dumb terminal", true, { TERM: "dumb" }, false],
    ["in a pipe", false, {}, false],
    ["in a pipe with FORCE_COLOR", false, { FORCE_COLOR: "1" }, true],
    ["with FORCE_COLOR=0", true, { FORCE_COLOR: "0" }, false],
  ])("%s", (_, isTTY, env, coloured) => expect(isColoured(isTTY, env)).toBe(coloured));
});
