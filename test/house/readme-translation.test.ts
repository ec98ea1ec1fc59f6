/** README.md and README.zh-CN.md say the same: headings, lists, tables, commands and links are compared, words are not. */
import { describe, expect, it } from "vitest";
import { sourcesAtTop } from "./sources.ts";

interface Outline {
  /** The level of each heading, in order. */
  readonly headings: readonly number[];
  readonly listItems: number;
  /** Rows of each table, the header included. */
  readonly tables: readonly number[];
  /** Code between backticks in each table row. */
  readonly cells: readonly (readonly string[])[];
  /** Lines of fenced blocks without their comments. */
  readonly commands: readonly string[];
  readonly links: readonly string[];
}

const fence = /```\w*\n([\s\S]*?)```/gu;

function outlineOf(page: string): Outline {
  const fenced = [...page.matchAll(fence)].flatMap(([, block = ""]) => block.trim().split("\n"));
  const prose = page.replaceAll(fence, "");
  const lines = prose.split("\n");
  const tables = [...prose.matchAll(/(?:^\|.*\n)+/gmu)].map(([table]) => table.trim().split("\n"));
  return {
    headings: lines.flatMap((line) => /^(#+) /u.exec(line)?.[1]?.length ?? []),
    listItems: lines.filter((line) => line.startsWith("- ")).length,
    tables: tables.map((rows) => rows.length - 1),
    cells: tables.flat().map((row) => row.match(/`[^`]+`/gu) ?? []),
    commands: fenced.map((line) => line.replace(/\s*#.*$/u, "")),
    links: [...prose.matchAll(/\]\(([^)]+)\)/gu)]
      .map(([, target = ""]) => target)
      .filter((target) => !/^README/u.test(target)),
  };
}

const [english = { text: "" }] = sourcesAtTop("README.md");
const [chinese = { text: "" }] = sourcesAtTop("README.zh-CN.md");

describe("README.zh-CN.md", () => {
  it("has the headings, lists, tables, commands and links of README.md, in its order", () => {
    expect(outlineOf(chinese.text)).toEqual(outlineOf(english.text));
  });
});

describe("the outline of a page", () => {
  it("is not empty for README.md", () => {
    const { headings, tables, commands, links } = outlineOf(english.text);
    expect(Math.min(headings.length, tables.length, commands.length, links.length)).toBeGreaterThan(2);
  });

  it.each([
    ["a heading", "## Try it\n", ""],
    ["the level of a heading", "## Try it", "### Try it"],
    ["a row of a table", /\| 64 .*\n/u, ""],
    ["a command of a table", "--profile quick", "--profile full"],
    ["a command of a block", "npm ci", "npm install"],
    ["a link", "(docs/lab.md)", "(docs/plans.md)"],
    ["an item of a list", /^- .*\n/mu, ""],
  ] as const)("changes with %s", (_, from, to) => {
    const changed = english.text.replace(from, to);
    expect(changed).not.toBe(english.text);
    expect(outlineOf(changed)).not.toEqual(outlineOf(english.text));
  });

  it("leaves out comments, which are translated", () => {
    expect(outlineOf("```sh\nnpm ci   # once\n```\n")).toEqual(outlineOf("```sh\nnpm ci # 一次\n```\n"));
  });
});
