/**
 * A folder of corpora: each guided command writes one file a scenario and shard with what its own runs reached, and reads all of the scenario. Since no
 * file holds what another does, a run counts once however files are brought together.
 */
import { mkdirSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import type { Scenario } from "../../../scenarios/declare/declare.ts";
import { checksumText } from "../../evidence/checksum.ts";
import { messageOf, UsageError } from "../../evidence/failure.ts";
import { recipeSchema } from "../plan/branch.ts";
import { fingerprintOf } from "../run/token.ts";
import { Corpus, familyOf, type Known, textOf } from "./corpus.ts";

export interface Shard {
  readonly index: number;
  readonly of: number;
}

export interface CorpusFolder {
  /** Files that were read. */
  readonly files: number;
  /** The corpus that they hold together. */
  readonly read: Corpus;
  /** Writes what this command's own runs reached, with what the same command had written before. @throws UsageError */
  write(own: Corpus): void;
}

const form = "lockproof-corpus/1";
/** A larger one is of something else: a situation takes about 100 bytes. */
const mostBytes = 64 * 1024 * 1024;

const count = z.int().nonnegative();
const headSchema = z.strictObject({ form: z.literal(form), checksum: z.string() });
const bodySchema = z.strictObject({
  scenario: z.string(),
  /** The fingerprint of its declaration. */
  declaration: z.string(),
  runs: z.int().positive(),
  kept: z.array(recipeSchema),
  /** Situation, how many runs were in it, when the earliest was, and which of `kept` that is. */
  situations: z.array(z.tuple([z.string(), z.int().positive(), z.number(), count])),
});

export interface CorpusOf {
  readonly scenario: Scenario;
  readonly seed: number;
  readonly shard: Shard;
}

/** @throws UsageError for a file that is damaged, or of another declaration of the scenario */
export function openCorpusFolder(folder: string, { scenario, seed, shard }: CorpusOf): CorpusFolder {
  const ending = ".corpus";
  const name = `${scenario.name}.${seed}.${shard.index}-of-${shard.of}${ending}`;
  const read = new Corpus();
  let before: Corpus | null = null;
  const names = namesIn(folder).filter((one) => one.startsWith(`${scenario.name}.`) && one.endsWith(ending));
  for (const one of names) {
    const corpus = readCorpus(join(folder, one), scenario);
    if (one === name) before = corpus;
    read.merge(corpus);
  }
  return {
    files: names.length,
    read,
    write(own) {
      const all = new Corpus();
      if (before !== null) all.merge(before);
      all.merge(own);
      mkdirSync(folder, { recursive: true });
      const path = join(folder, name);
      // Whole or not at all: a reader never meets half a file.
      writeFileSync(`${path}.new`, corpusText(all, scenario));
      renameSync(`${path}.new`, path);
    },
  };
}

/** In order, so that what is read does not depend on the file system. */
function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder).sort();
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return [];
    throw new UsageError(`the folder cannot be read: ${messageOf(error)}`, {
      where: `--corpus ${folder}`,
      fix: "name a folder that may be read and written to, or a new one",
    });
  }
}

export function corpusText(corpus: Corpus, scenario: Scenario): string {
  const { kept } = corpus;
  const places = new Map([...kept.keys()].map((text, index) => [text, index]));
  const situations = [...corpus.situations].map(
    ([situation, { at, recipe, runs }]) => [situation, runs, at, places.get(textOf(recipe)) ?? 0] as const,
  );
  const { name } = scenario;
  const body = { scenario: name, declaration: fingerprintOf(scenario), runs: corpus.runs, kept: [...kept.values()] };
  const text = JSON.stringify({ ...body, situations });
  return `${JSON.stringify({ form, checksum: checksumText(text) })}\n${text}\n`;
}

/** @throws UsageError */
function readCorpus(path: string, scenario: Scenario): Corpus {
  const [head = "", body = "", ...rest] = textIn(path).split("\n");
  const header = parsed(headSchema, head);
  if (header === null) throw refused(path, "no corpus of the form lockproof-corpus/1");
  if (rest.join("") !== "" || checksumText(body) !== header.checksum)
    throw refused(path, "a checksum that does not fit: the file was cut off or changed");
  const read = parsed(bodySchema, body);
  if (read === null) throw refused(path, "a content that is none of a corpus");
  const now = fingerprintOf(scenario);
  if (read.scenario !== scenario.name || read.declaration !== now)
    throw refused(path, `scenario ${read.scenario} as ${read.declaration}; here it is ${scenario.name} as ${now}`);
  return Corpus.of(
    read.runs,
    read.situations.map((one) => knownOf(one, read, path)),
  );
}

function knownOf(
  [situation, runs, at, place]: z.infer<typeof bodySchema>["situations"][number],
  { kept, runs: all }: z.infer<typeof bodySchema>,
  path: string,
): readonly [string, Known] {
  const recipe = kept[place];
  if (recipe === undefined) throw refused(path, `a situation of run ${place}, of ${kept.length} that are kept`);
  if (runs > all) throw refused(path, `a situation of ${runs} runs, of ${all} that there were`);
  try {
    familyOf(situation);
  } catch (error) {
    throw refused(path, messageOf(error));
  }
  return [situation, { runs, recipe, at }];
}

function textIn(path: string): string {
  const there = statSync(path);
  if (!there.isFile()) throw refused(path, "something that is no regular file");
  if (there.size > mostBytes) throw refused(path, `${there.size} bytes, more than ${mostBytes}`);
  return readFileSync(path, "utf8");
}

/** @returns null for what is not of the schema */
function parsed<Schema extends z.ZodType>(schema: Schema, text: string): z.infer<Schema> | null {
  try {
    return schema.parse(JSON.parse(text));
  } catch {
    return null;
  }
}

function refused(path: string, found: string): UsageError {
  return new UsageError(`found ${found}`, {
    where: path,
    fix: "remove the file from the folder, or name another folder with --corpus",
  });
}
