/** docs/glossary.md has every domain term of the exported names, one line each. A word that is no domain term is listed in words.ts. */
import { describe, expect, it } from "vitest";
import { type Source, sourcesIn } from "../sources.ts";
import { computing, english, exportedWords, missingTerms, stemOf, termsOf, toBeRenamed, wordsOf } from "./words.ts";

const words = exportedWords(["src", "model", "scenarios"].flatMap((folder) => sourcesIn(folder)));
const page = sourcesIn("docs", ["glossary.md"])[0]?.text ?? "";
const terms = termsOf(page);
const sorted = (list: readonly string[]): readonly string[] => [...list].sort();

describe("docs/glossary.md", () => {
  it("has every domain term of an exported name", () => expect(missingTerms(words, page)).toEqual([]));

  it("has no line of which no exported name uses a word", () => {
    const used = new Set([...words.keys()].map(stemOf));
    expect(terms.filter((term) => !wordsOf(term).some((word) => used.has(stemOf(word))))).toEqual([]);
  });

  it("has one line a term, in alphabetical order, and at most 1,500 words", () => {
    const first = terms.map((term) => term.toLowerCase());
    expect(first).toEqual(sorted(first));
    expect(terms).toHaveLength([...page.matchAll(/^- /gmu)].length);
    expect(terms.length).toBeGreaterThan(100);
    expect(page.split(/\s+/u).length).toBeLessThanOrEqual(1_501);
  });
});

describe("the lists of words", () => {
  it.each([
    ["english", english],
    ["computing", computing],
    ["toBeRenamed", toBeRenamed],
  ])("%s is sorted", (_, list) => expect(list).toEqual(sorted(list)));

  it("have no word twice, in no form, and no term of the glossary", () => {
    const stems = [...english, ...computing].map(stemOf);
    const inGlossary = new Set(terms.flatMap(wordsOf).map(stemOf));
    expect(stems.filter((stem, index) => stems.indexOf(stem) !== index)).toEqual([]);
    expect([...english, ...computing, ...toBeRenamed].filter((word) => inGlossary.has(stemOf(word)))).toEqual([]);
    expect(toBeRenamed.filter((word) => english.includes(word) || computing.includes(word))).toEqual([]);
  });

  it("toBeRenamed has only words that are still used: delete the others", () => {
    expect(toBeRenamed.filter((word) => !words.has(word))).toEqual([]);
  });
});

describe("the search for missing terms", () => {
  const file = (text: string): Source => ({ path: "src/lab/lab.ts", text });
  const missing = (text: string): readonly string[] => missingTerms(exportedWords([file(text)]), page);

  it.each([
    "export function openSextant() {}",
    "export const sextants = 1;",
    "export interface SextantOptions {}",
    "export type Sextant = string;",
    "export class FeedSextant {}",
    'export { sextant } from "./sextant.ts";',
    "const sextant = 1;\nexport { sextant };",
  ])("finds the word in %s", (text) => expect(missing(text)).toHaveLength(1));

  it.each([
    "const sextant = 1;",
    "export const nodesOf = 1;",
    "export class JobLeaseError extends Error {}",
    "export default 1;",
  ])("finds nothing in %s", (text) => expect(missing(text)).toEqual([]));

  it.each([
    ["nodes", "node"],
    ["stories", "story"],
    ["released", "release"],
    ["running", "run"],
    ["indexes", "index"],
    ["tried", "try"],
    ["repeatable", "repeat"],
  ])("takes %s for a form of %s", (form, word) => expect(stemOf(form)).toBe(stemOf(word)));

  it.each([
    ["seed", "see"],
    ["string", "str"],
    ["status", "stat"],
    ["bus", "bu"],
  ])("does not take %s for a form of %s", (one, other) => expect(stemOf(one)).not.toBe(stemOf(other)));
});
