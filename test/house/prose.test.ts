/** The pages of docs/ name their readers, and have short sentences and paragraphs. */
import { describe, expect, it } from "vitest";
import { type Source, sourcesAtTop, sourcesIn } from "./sources.ts";

const pages = sourcesIn("docs", [".md"]);

/** Their words are those of the code: other tests and commands print them. */
const printed = [
  "cli",
  "contract",
  "metrics",
  "mutants",
  "promises",
  "properties",
  "recorded-calls",
  "settings",
  "sut-matrix",
  "watch",
].map((name) => `docs/${name}.md`);
const printedSection = /^## Rows\n[\s\S]*?(?=^## )/mu;
const written = [...pages, ...sourcesAtTop("README.md")]
  .filter(({ path }) => !printed.includes(path))
  .map(({ path, text }) => ({ path, text: path === "docs/bench.md" ? text.replace(printedSection, "") : text }));

/** Words. */
const longSentence = 25;
const longParagraph = 120;
/** The share of sentences that may be longer: of a page, and of all pages. */
const mostLong = 0.1;
const mostLongInAll = 0.035;
/** The words of all pages that are written by hand, and of those the words outside tables and headings. They may only become fewer. */
const mostWords = 20_000;
const mostProse = 16_400;

const kinds = /^# .+\n\n(Tutorial|How-to|Reference|Explanation), for /u;

function wordsOf(text: string): number {
  return text.split(/\s+/u).filter((word) => word !== "").length;
}

/** Counts the words that have a letter or a digit, outside code blocks. */
function countedWords(page: string): number {
  const words = page.replaceAll(/```[\s\S]*?```/gu, "").split(/\s+/u);
  return words.filter((word) => /[\p{L}\d]/u.test(word)).length;
}

/** Paragraphs and items of lists; no code, tables or headings. */
function paragraphsOf(page: string): readonly string[] {
  const prose = page.replaceAll(/```[\s\S]*?```/gu, "").replaceAll(/^[|#].*$/gmu, "");
  return prose
    .split(/\n\s*\n|\n(?=\s*(?:-|\d+\.) )/u)
    .map((paragraph) => paragraph.replace(/^\s*(?:-|\d+\.) /u, "").trim())
    .filter((paragraph) => paragraph !== "");
}

function sentencesOf(page: string): readonly string[] {
  return paragraphsOf(page).flatMap((paragraph) => paragraph.split(/(?<=[.!?]\**)\s+(?=[\p{Lu}_`*[])/u));
}

/** The long sentences of a page that has too many of them. */
function hardSentences(page: string): readonly string[] {
  const sentences = sentencesOf(page);
  const long = sentences.filter((sentence) => wordsOf(sentence) > longSentence);
  return long.length > mostLong * sentences.length ? long : [];
}

function longParagraphs(page: string): readonly string[] {
  return paragraphsOf(page).filter((paragraph) => wordsOf(paragraph) > longParagraph);
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, one) => total + one, 0);
const names = (some: readonly Source[]): readonly string[] => some.map(({ path }) => path);

describe("the pages of docs/", () => {
  it("say which kind of page they are, and for whom", () => {
    expect(names(pages.filter(({ text }) => !kinds.test(text)))).toEqual([]);
  });
  it("have short sentences, nine of ten", () => {
    expect(pages.flatMap(({ path, text }) => hardSentences(text).map((sentence) => `${path}: ${sentence}`))).toEqual(
      [],
    );
  });
  it("have short sentences in all", () => {
    const sentences = pages.flatMap(({ text }) => sentencesOf(text));
    const long = sentences.filter((sentence) => wordsOf(sentence) > longSentence);
    expect(long.length).toBeLessThanOrEqual(mostLongInAll * sentences.length);
  });
  it("have few words in all, with README.md and without what code prints", () => {
    expect(printed.filter((name) => !pages.some(({ path }) => path === name))).toEqual([]);
    expect(sum(written.map(({ text }) => countedWords(text)))).toBeLessThanOrEqual(mostWords);
    expect(sum(written.flatMap(({ text }) => paragraphsOf(text).map(wordsOf)))).toBeLessThanOrEqual(mostProse);
  });
  it("have no long paragraph", () => expect(pages.flatMap(({ text }) => longParagraphs(text))).toEqual([]));
  it("are found", () => expect(pages.length).toBeGreaterThan(10));
});

describe("the check of prose", () => {
  const sentence = (words: number): string => `${"Word ".repeat(words).toLowerCase().trim()}.`;
  const capital = (words: number): string => `A ${sentence(words - 1)}`;

  it("counts sentences within a line and over lines, and leaves out code and tables", () => {
    expect(
      sentencesOf(
        "# T\n\nOne. Two\nthree. **Four.** Five.\n\n- six\n- `Seven`. Eight.\n\n```\nA. B.\n```\n\n| A. B. |\n",
      ),
    ).toHaveLength(7);
  });

  it("finds a page of which more than one sentence in ten is long", () => {
    const short = Array.from({ length: 18 }, () => capital(25));
    expect(hardSentences([...short, capital(26), capital(26)].join(" "))).toEqual([]);
    expect(hardSentences([...short.slice(1), capital(26), capital(26), capital(26)].join(" "))).toHaveLength(3);
  });

  it("counts words of prose, lists and tables, and no signs or code", () => {
    expect(countedWords("# T\n\n- one, `two` — 3\n\n| a | --- |\n\n```\ncode\n```\n")).toBe(5);
  });

  it("finds a long paragraph, also in a list", () => {
    expect(longParagraphs(`- ${sentence(120)}\n- ${sentence(121)}\n`)).toHaveLength(1);
  });

  it.each(["# T\n\nText for all.\n", "# T\n\nReference.\n"])("wants a kind and readers in %j", (text) => {
    expect(kinds.test(text)).toBe(false);
  });
});
