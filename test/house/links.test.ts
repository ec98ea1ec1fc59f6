/** Files and anchors that pages link or name exist. */
import { existsSync } from "node:fs";
import { posix } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { anchorOf, type Source, sourcesAtTop, sourcesIn } from "./sources.ts";

const pages = [...sourcesIn("docs", [".md"]), ...["README.md", "README.zh-CN.md"].flatMap(sourcesAtTop)];
const root = fileURLToPath(new URL("../..", import.meta.url));
const exists = (path: string): boolean => existsSync(`${root}/${path}`);
const textOf = new Map(pages.map(({ path, text }) => [path, text]));

function anchorsOf(page: string): readonly string[] {
  const headings = [...page.replaceAll(/```[\s\S]*?```/gu, "").matchAll(/^#+ (.+)$/gmu)];
  return headings.map(([, title = ""]) => anchorOf(title));
}

function deadLinks({ path, text }: Source): readonly string[] {
  const targets = [...text.matchAll(/\]\(([^)\s]+)\)/gu)].map(([, target = ""]) => target);
  return targets
    .filter((target) => !/^[a-z]+:/u.test(target))
    .filter((target) => {
      const [file = "", anchor] = target.split("#");
      const linked = file === "" ? path : posix.join(posix.dirname(path), file);
      if (!exists(linked)) return true;
      return anchor !== undefined && !anchorsOf(textOf.get(linked) ?? "").includes(anchor);
    })
    .map((target) => `${path} links ${target}`);
}

const named = /`((?:src|model|lua|test|scenarios|docs)\/[\w./-]+)`/gu;

function deadPaths({ path, text }: Source): readonly string[] {
  const paths = [...text.matchAll(named)].map(([, name = ""]) => name);
  return paths.filter((name) => !exists(name)).map((name) => `${path} names ${name}`);
}

/** A page by its path in the repository, and the section after it, as a comment or a message gives it: a heading or a number. */
const cited = /\bdocs\/([a-z-]+\.md)(?:, (?:"([^"]+)"|([A-Z]\w+)|sections? (\d+)))?/gu;
const topLevelPages = /(?<![\w/-])[A-Z]{3,}\.md\b/gu;

function deadCitations({ path, text }: Source): readonly string[] {
  const pagesCited = [...text.matchAll(cited)].filter(([, page = "", quoted, word, number]) => {
    const found = textOf.get(`docs/${page}`);
    if (found === undefined) return true;
    const title = quoted ?? word;
    if (title !== undefined) return !anchorsOf(found).includes(anchorOf(title));
    return number !== undefined && !found.includes(`\n## ${number}. `);
  });
  const atTop = [...text.matchAll(topLevelPages)].filter(([page]) => !exists(page));
  return [...pagesCited, ...atTop].map(([what]) => `${path} cites ${what}`);
}

const sources = [
  ...["src", "model", "scenarios"].flatMap((folder) => sourcesIn(folder)),
  ...sourcesIn("lua", [".lua"]),
  ...sourcesIn("test").filter(({ path }) => !path.startsWith("test/house/")),
];

describe("the pages", () => {
  it("link only what exists", () => expect(pages.flatMap(deadLinks)).toEqual([]));
  it("name only files and folders that exist", () => expect(pages.flatMap(deadPaths)).toEqual([]));
});

describe("README.md", () => {
  it("links every page of docs/", () => {
    const linked = textOf.get("README.md") ?? "";
    const names = sourcesIn("docs", [".md"]).map(({ path }) => path);
    expect(names.length).toBeGreaterThan(20);
    expect(names.filter((name) => !linked.includes(`](${name})`))).toEqual([]);
  });
});

describe("sources and pages", () => {
  it("cite no document and no section that is not in the repository", () => {
    expect([...sources, ...pages].flatMap(deadCitations)).toEqual([]);
  });
});

describe("the search for dead citations", () => {
  const source = (text: string): Source => ({ path: "src/lab/lab.ts", text });

  it.each(["docs/gone.md", 'docs/lab.md, "Gone"', "docs/lab.md, Gone", "docs/protocol.md, section 99", "PLANNED.md"])(
    "finds %s",
    (text) => {
      expect(deadCitations(source(text))).toHaveLength(1);
    },
  );

  it.each([
    "docs/lab.md",
    'docs/model.md, "What is left out"',
    "docs/embedding.md, Options",
    "docs/protocol.md, sections 1, 3",
    "README.md",
  ])("lets %s pass", (text) => expect(deadCitations(source(text))).toEqual([]));
});

describe("the search for dead links and paths", () => {
  const page = (text: string): Source => ({ path: "docs/lab.md", text });

  it.each(["[a](gone.md)", "[a](../src/gone.ts)", "[a](explore.md#gone)", "[a](#gone)"])("finds %s", (text) => {
    expect(deadLinks(page(text))).toHaveLength(1);
  });

  it.each(["[a](explore.md)", "[a](../README.md)", "[a](https://example.org/gone)"])("lets %s pass", (text) => {
    expect(deadLinks(page(text))).toEqual([]);
  });

  it("finds a file that has moved", () => {
    expect(deadPaths(page("`src/gone.ts` and `src/lab`"))).toEqual(["docs/lab.md names src/gone.ts"]);
  });
});
