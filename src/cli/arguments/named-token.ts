/** Tokens on the command line: in full, or by a short name in the newest report, `latest:1` or `latest:J2`. */
import { join } from "node:path";
import { Option } from "commander";
import { type PropertyId, propertyIds } from "../../check/properties.ts";
import { UsageError } from "../../evidence/failure.ts";
import { decodeToken, type ReplayToken } from "../../evidence/token.ts";
import { verdictWords } from "../../evidence/words.ts";
import { notFolder } from "../../files/file-kind.ts";
import { readReport, type StoredReport } from "../../report/document/collect.ts";
import { violationName } from "../../report/files/junit-cases.ts";
import { unknownWord } from "./values.ts";

export const tokenText = "the line that begins with lp1:, or latest:1, latest:J2 of the newest report";

export interface NamedToken {
  readonly token: ReplayToken;
  readonly text: string;
  /** The violation that a short name stands for; null: the token was given. */
  readonly violation: { readonly run: string; readonly name: string; readonly property: PropertyId } | null;
}

export function newestReportFlag(): Option {
  return new Option("--reports <dir>", "where latest:1 looks for the newest report (default: reports)");
}

type Violation = StoredReport["report"]["violations"][number];

/** The most violations that a message names. */
const mostNamed = 10;

/** @throws UsageError for a malformed token, and for a name that stands for none, with the names that do */
export async function readNamedToken(text: string, reports = "reports"): Promise<NamedToken> {
  const word = text.trim();
  if (!/^latest(:|$)/.test(word)) return { token: decodeToken(word), text: word, violation: null };
  const stored = await newestReport(word, reports);
  const found = violationOf(word, word.slice("latest:".length) || "1", stored);
  const { property, token } = found;
  return {
    token: decodeToken(token),
    text: token,
    violation: { run: stored.run, name: violationName(found), property },
  };
}

async function newestReport(word: string, reports: string): Promise<StoredReport> {
  const folder = join(reports, "latest");
  if (notFolder(folder) === null) return await readReport(folder);
  throw new UsageError(`${word}: found no report at ${folder}`, {
    where: folder,
    fix: `run lockproof verify first, or name another folder of reports with --reports DIR`,
  });
}

/** @param name a number, counted from 1 as in report.json, or a property */
function violationOf(word: string, name: string, { report, run }: StoredReport): Violation {
  const { properties, violations } = report;
  if (violations.length === 0) {
    throw new UsageError(`${word}: nothing is violated in ${run}, which is ${verdictWords[report.verdict].en}`, {
      where: word,
      fix: "name another folder with --reports DIR, or give a token of the report in full",
    });
  }
  const allowed = namesOf(violations);
  if (/^\d+$/.test(name)) {
    const found = violations[Number(name) - 1];
    if (found !== undefined) return found;
    throw new UsageError(`found ${word} in ${run}; allowed: ${allowed}`, { where: word, fix: "choose one of them" });
  }
  const found = violations.find(({ property }) => property === name);
  if (found !== undefined) return found;
  const part = properties.find(({ id }) => id === name);
  if (part === undefined) throw unknownWord("property", name, propertyIds, word);
  throw new UsageError(`${part.id} is ${verdictWords[part.verdict].en} in ${run}; allowed: ${allowed}`, {
    where: word,
    fix: "choose one of them",
  });
}

/** `latest:1 (J2 · redis-gone · inject), latest:2 (…)` */
function namesOf(violations: readonly Violation[]): string {
  const named = violations.slice(0, mostNamed).map((one, at) => `latest:${at + 1} (${violationName(one)})`);
  return `${named.join(", ")}${violations.length > mostNamed ? `, up to latest:${violations.length}` : ""}`;
}
