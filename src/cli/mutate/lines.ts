/** How the results of `mutate` are printed. */
import { withoutUndefined } from "../../evidence/without-undefined.ts";
import { countText, numberText } from "../../evidence/words.ts";
import { type CodeMutant, changeText, originText } from "../../mutate/mutant.ts";
import type { Outcome } from "../../mutate/outcome.ts";
import type { Mutated } from "../../mutate/run.ts";
import { intervalOf, type Score, scoreOf } from "../../mutate/score.ts";

/** The fields of `mutants --json`, and the place and the kind of the change. */
export function jsonOf(mutant: CodeMutant, outcome: Outcome): object {
  const { how, kind, layer, property, reason, run, runs, seconds, token } = outcome;
  const { column, file, id, line, operator, original, replacement } = mutant;
  return {
    ...{ id, origin: originText(mutant), layer, verdict: kind, property },
    ...{ runs_to_kill: kind === "killed" ? runs : null, token },
    ...{ file, line, column, operator, original, replacement, runs, seconds },
    ...withoutUndefined({ how: how ?? undefined, run: run ?? undefined, reason: reason ?? undefined }),
  };
}

export function outcomeLine(mutant: CodeMutant, { kind, property, run, seconds }: Outcome): string {
  const by = kind === "killed" ? ` by ${[property, run].filter((word) => word !== null).join(", ")}` : "";
  return `${kind}${by}, ${seconds} s: ${originText(mutant)}`;
}

/** Everything that is not killed, by place. */
export function survivorLines({ outcomes }: Pick<Mutated, "outcomes">): readonly string[] {
  return outcomes
    .filter(([, { kind }]) => kind === "survived" || kind === "no_coverage" || kind === "broken")
    .toSorted(([one], [other]) => (one.file === other.file ? one.line - other.line : one.file < other.file ? -1 : 1))
    .map(([mutant, { kind, reason }]) => {
      const where = `${mutant.file}:${mutant.line}`;
      const why = reason === null ? "" : `  (${reason})`;
      return `${kind.padEnd("no_coverage".length)}  ${mutant.id}  ${where}  ${mutant.operator}  ${changeText(mutant)}${why}`;
    });
}

/** `reached`: the score is as high as was asked; `missed`: it is lower; `open`: neither is certain. */
export function standing({ all, chosen, outcomes }: Mutated, least: number): "reached" | "missed" | "open" {
  const interval = intervalOf(scoreOf(outcomes.map(([, outcome]) => outcome)), all);
  if (interval.most * 100 < least) return "missed";
  return interval.least * 100 >= least && outcomes.length === chosen.length ? "reached" : "open";
}

const head = ["file", "killed", "survived", "no coverage", "equivalent", "broken", "score"] as const;

/** A row for each file, and one for all. */
export function scoreLines(mutated: Mutated, least: number): readonly string[] {
  const { all, chosen, outcomes } = mutated;
  const found = outcomes.map(([, outcome]) => outcome);
  const byFile = [...Map.groupBy(found, ({ file }) => file)].sort(([one], [other]) => (one < other ? -1 : 1));
  const rows = [...byFile.map(([file, ofFile]) => row(file, scoreOf(ofFile))), row("all", scoreOf(found))];
  const widths = head.map((title, column) =>
    Math.max(title.length, ...rows.map((cells) => cells[column]?.length ?? 0)),
  );
  const shown = [[...head], ...rows].map((cells) =>
    cells
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0)))
      .join("  "),
  );
  const { share } = scoreOf(found);
  const { least: from, most: to } = intervalOf(scoreOf(found), all);
  const sure = share === null ? "" : ` (95 %: ${percent(from)} to ${percent(to)})`;
  const open = chosen.length - outcomes.length;
  return [
    ...shown,
    "",
    `score ${percent(share)}${sure}   ${countText(found.length, "mutant")} of ${numberText(all)}   asked for ${least} %: ${standing(mutated, least)}`,
    ...killersLine(found),
    ...(open === 0 ? [] : [`${countText(open, "chosen mutant")} not run`]),
  ];
}

/** How many each property killed; after them what ended a run without a property. */
function killersLine(outcomes: readonly Outcome[]): readonly string[] {
  const killed = outcomes.filter(({ kind }) => kind === "killed");
  const counts = Map.groupBy(killed, ({ how, property }) => property ?? how ?? "unknown");
  const isProperty = (name: string): number => (/^[A-Z]/.test(name) ? 0 : 1);
  const shown = [...counts]
    .map(([name, found]) => [name, found.length] as const)
    .sort(([one, count], [other, more]) => isProperty(one) - isProperty(other) || more - count)
    .map(([name, count]) => `${name} ${numberText(count)}`);
  return shown.length === 0 ? [] : [`killed by ${shown.join(", ")}`];
}

function row(name: string, { counts, share }: Score): readonly string[] {
  const { broken, equivalent, killed, no_coverage, survived } = counts;
  return [name, ...[killed, survived, no_coverage, equivalent, broken].map(numberText), percent(share)];
}

function percent(share: number | null): string {
  return share === null ? "none" : `${(share * 100).toFixed(1)} %`;
}
