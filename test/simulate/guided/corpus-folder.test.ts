import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { checksumText } from "../../../src/evidence/checksum.ts";
import { UsageError } from "../../../src/evidence/failure.ts";
import { Corpus } from "../../../src/simulate/guided/corpus.ts";
import { openCorpusFolder } from "../../../src/simulate/guided/corpus-folder.ts";
import { small } from "../small.ts";

const scenario = small();
const of = (index = 1, count = 1, seed = 5) => ({ scenario, seed, shard: { index, of: count } });

function folder(): string {
  const made = mkdtempSync(join(tmpdir(), "lockproof-corpus-"));
  onTestFinished(() => rmSync(made, { recursive: true }));
  return made;
}

/** Runs of these seeds: each in a situation of its own, and all in one, at a moment that depends on the seed. */
function corpusOf(...seeds: readonly number[]): Corpus {
  const corpus = new Corpus();
  for (const seed of seeds) {
    const branches = seed % 2 === 0 ? [] : [{ how: "changed", from: seed, seed } as const];
    corpus.add(
      { seed, branches },
      new Map([
        ["times degraded x1", (seed * 7) % 100],
        [`block a.ts:${seed}:1`, -3],
      ]),
    );
  }
  return corpus;
}

const contentOf = (corpus: Corpus) => ({
  runs: corpus.runs,
  kept: [...corpus.kept].sort(([a], [b]) => (a < b ? -1 : 1)),
  situations: [...corpus.situations].sort(([a], [b]) => (a < b ? -1 : 1)),
});

describe("corpora", () => {
  it("are merged to the union, whatever the order", () => {
    const shards = [corpusOf(1, 4, 7), corpusOf(2, 5, 8), corpusOf(3, 6, 9)];
    const union = contentOf(corpusOf(1, 2, 3, 4, 5, 6, 7, 8, 9));
    for (const order of [
      [0, 1, 2],
      [2, 1, 0],
      [1, 2, 0],
    ]) {
      const merged = new Corpus();
      for (const index of order) merged.merge(shards[index] as Corpus);
      expect(contentOf(merged)).toEqual(union);
    }
  });

  it("keep the run that was in a situation earliest, and no run that no situation names", () => {
    const corpus = new Corpus();
    const reached = (at: number) => new Map([["times degraded x1", at]]);
    corpus.add({ seed: 1, branches: [] }, reached(90));
    corpus.add({ seed: 2, branches: [] }, reached(40));
    corpus.add({ seed: 3, branches: [] }, reached(60));
    expect([...corpus.kept.values()]).toEqual([{ seed: 2, branches: [] }]);
    expect(corpus.situations.get("times degraded x1")).toMatchObject({ runs: 3, at: 40 });
  });
});

describe("a folder of corpora", () => {
  it("is empty where there is none, and is made", () => {
    const path = join(folder(), "new", "here");
    const opened = openCorpusFolder(path, of());
    expect([opened.files, opened.read.runs]).toEqual([0, 0]);
    opened.write(corpusOf(1));
    expect(readdirSync(path)).toEqual(["small.5.1-of-1.corpus"]);
  });

  it("gives back what was written, and the shards' files give the union", () => {
    const path = folder();
    openCorpusFolder(path, of(1, 2)).write(corpusOf(1, 3));
    openCorpusFolder(path, of(2, 2)).write(corpusOf(2, 4));
    const opened = openCorpusFolder(path, of(1, 1, 6));
    expect(opened.files).toBe(2);
    expect(contentOf(opened.read)).toEqual(contentOf(corpusOf(1, 2, 3, 4)));
  });

  it("counts each run once, however often a command goes on", () => {
    const path = folder();
    openCorpusFolder(path, of(1, 2)).write(corpusOf(1));
    openCorpusFolder(path, of(2, 2)).write(corpusOf(2));
    openCorpusFolder(path, of(1, 2)).write(corpusOf(3));
    expect(contentOf(openCorpusFolder(path, of()).read)).toEqual(contentOf(corpusOf(1, 2, 3)));
  });

  it("does not read the corpora of other scenarios", () => {
    const path = folder();
    openCorpusFolder(path, { ...of(), scenario: { ...scenario, name: "smaller" } }).write(corpusOf(1));
    expect(openCorpusFolder(path, of()).files).toBe(0);
  });

  const sealed = (body: object) => {
    const text = JSON.stringify(body);
    return `${JSON.stringify({ form: "lockproof-corpus/1", checksum: checksumText(text) })}\n${text}\n`;
  };
  const changedBody = (change: (body: Record<string, unknown>) => object) => (text: string) =>
    sealed(change(JSON.parse(text.split("\n")[1] ?? "") as Record<string, unknown>));

  it.each<[string, (text: string) => string, RegExp]>([
    ["cut off", (text) => text.slice(0, -40), /checksum that does not fit/],
    ["changed", (text) => text.replace("degraded", "degradeD"), /checksum that does not fit/],
    ["longer", (text) => `${text}more`, /checksum that does not fit/],
    ["empty", () => "", /no corpus of the form/],
    ["something else", () => "{}\n{}\n", /no corpus of the form/],
    ["of another content", () => sealed({ runs: 1 }), /a content that is none/],
    ["of an edited scenario", changedBody((body) => ({ ...body, declaration: "0" })), /scenario small as 0; here/],
    ["without a run", changedBody((body) => ({ ...body, kept: [] })), /a situation of run 0, of 0 that are kept/],
    ["with too many runs", changedBody((body) => ({ ...body, runs: 1 })), /a situation of 2 runs, of 1 that there/],
    [
      "of no family",
      changedBody((body) => ({ ...body, situations: [["strange a", 1, 0, 0]] })),
      /a situation of no family: strange a/,
    ],
  ])("refuses a file that is %s", (_, damage, message) => {
    const path = folder();
    openCorpusFolder(path, of()).write(corpusOf(1, 2));
    const file = join(path, "small.5.1-of-1.corpus");
    writeFileSync(file, damage(readFileSync(file, "utf8")));
    expect(() => openCorpusFolder(path, of())).toThrow(UsageError);
    expect(() => openCorpusFolder(path, of())).toThrow(message);
  });

  it("refuses what is no regular file", () => {
    const path = folder();
    mkdirSync(join(path, "small.1.1-of-1.corpus"));
    expect(() => openCorpusFolder(path, of())).toThrow("no regular file");
  });
});
