/** `explain`: prints a counterexample as a timeline, and draws it. */

import { Command, Option } from "commander";
import { modelMutants } from "../../../scenarios/mutants/model.ts";
import type { PropertyId } from "../../check/properties.ts";
import { exitCodeOf } from "../../check/verdict.ts";
import { visible } from "../../evidence/escape.ts";
import type { LayerEvidence, Violation } from "../../evidence/evidence.ts";
import { UsageError } from "../../evidence/failure.ts";
import type { Timeline } from "../../evidence/timeline.ts";
import { withoutUndefined } from "../../evidence/without-undefined.ts";
import { replayCommand, verdictWords } from "../../evidence/words.ts";
import { timelineLines } from "../../report/timeline/words.ts";
import { htmlFlag, jsonFlag, luaFlag, redisFlag, sutFlag, toxiproxyFlag } from "../arguments/flags.ts";
import { newestReportFlag, readNamedToken, tokenText } from "../arguments/named-token.ts";
import { schedulerFlag } from "../arguments/scheduler-flag.ts";
import { readProperty, several } from "../arguments/values.ts";
import { scenariosFlag } from "../own/scenarios.ts";
import { writePicture } from "../printing/picture-file.ts";
import { isHistory, isViewed, writeViewer } from "../printing/viewer-file.ts";
import type { Context } from "../process/context.ts";
import { pointOfNoReturnStates, prepareRerun, type RerunFlags } from "../rerun.ts";
import { exploreOurs } from "./explore.ts";

type ExplainFlags = RerunFlags & {
  readonly model?: string;
  readonly scope?: string;
  readonly mutant?: string;
  readonly property?: readonly PropertyId[];
  readonly html?: string;
  readonly beside?: string;
  readonly json?: true;
  readonly reports?: string;
};

export function explainCommand(context: Context): Command {
  return new Command("explain")
    .summary("print and draw a counterexample")
    .description(
      "Runs again what a token names, or explores a model, and prints each counterexample as a timeline: events, contents of store and views, the property, and the point of no return. With --html, a simulated run or a stored history becomes a page to step through.",
    )
    .argument("[token]", `${tokenText}; or a stored history, with --html`)
    .option("--model <name>", "explore this model instead of replaying a token")
    .option("--scope <k=v,...>", "its scope (default: the smallest that shows the mutant, or standard)")
    .option("--mutant <id>", "with this mutant of the model")
    .addOption(
      new Option("--property <id>", "only violations of this property; repeatable").argParser(several(readProperty)),
    )
    .addOption(htmlFlag("write the run (simulated run, history) or the space-time diagram into this file"))
    .option("--beside <token>", "with --html: another simulated run or history beside it")
    .addOption(newestReportFlag())
    .addOption(scenariosFlag())
    .addOption(luaFlag())
    .addOption(redisFlag())
    .addOption(toxiproxyFlag())
    .addOption(sutFlag())
    .addOption(schedulerFlag())
    .addOption(jsonFlag())
    .addHelpText(
      "after",
      "\nExamples:\n  lockproof explain lp1:conform:8213:q1ZKSSxJ… --html picture.html\n  lockproof explain latest:J2\n  lockproof explain --model system --mutant finished-forgotten",
    )
    .action((token: string | undefined, flags: ExplainFlags) => explain(token, flags, context));
}

async function explain(text: string | undefined, flags: ExplainFlags, context: Context): Promise<void> {
  const { output } = context;
  if (text !== undefined && isHistory(text)) return await explainHistory(text, flags, context);
  const { evidence, property: named, viewed } = await explained(text, flags, context);
  const chosen = flags.property ?? named;
  const violations = evidence.violations.filter(({ property }) => chosen?.includes(property) ?? true);
  for (const violation of violations) {
    const { timeline } = violation;
    if (flags.json) output.json(timeline === undefined ? { ...violation, timeline: null } : jsonOf(timeline));
    else for (const line of linesOf(violation)) output.line(line);
  }
  if (violations.length === 0 && !context.interrupted.aborted) {
    output.note(
      `nothing to explain: ${verdictWords[evidence.verdict].en}${chosen === undefined ? "" : ", or another property is broken"}`,
    );
  }
  context.exit(exitCodeOf(evidence.verdict)); // before the file, so that an error there cannot hide a violation
  if (flags.html === undefined) return;
  if (viewed === undefined) await writePicture(flags.html, violations, output);
  else await writeViewer(viewed, { ...flags, html: flags.html }, context);
}

async function explainHistory(file: string, { html, ...flags }: ExplainFlags, context: Context): Promise<void> {
  if (html === undefined) {
    throw new UsageError("a history without --html; allowed: with --html FILE", {
      where: "lockproof explain",
      fix: "give --html FILE, or judge the history: lockproof check",
    });
  }
  const isViolated = await writeViewer(file, { ...flags, html }, context);
  context.exit(exitCodeOf(isViolated ? "violated" : "held"));
}

/** `doom` is the former name of the point of no return, which scripts may read. */
function jsonOf({ pointOfNoReturn, ...rest }: Timeline): Readonly<Record<string, unknown>> {
  const doom = pointOfNoReturn.kind === "inevitable" ? { ...pointOfNoReturn, kind: "doomed" } : pointOfNoReturn;
  return { ...rest, point_of_no_return: pointOfNoReturn, doom };
}

/** The explanation of the violation where there is no timeline. */
function linesOf({ property, timeline, story }: Violation): readonly string[] {
  if (timeline !== undefined) return [...timelineLines(timeline).map(visible), ""];
  return [property, ...story.map((line) => `  ${visible(line)}`), ""];
}

interface Explained {
  readonly evidence: LayerEvidence;
  /** The property of a violation that a short name stands for. */
  readonly property?: readonly PropertyId[];
  /** The token, where the trace viewer shows its run. */
  readonly viewed?: string;
}

async function explained(text: string | undefined, flags: ExplainFlags, context: Context): Promise<Explained> {
  if ((text === undefined) === (flags.model === undefined)) {
    throw new UsageError(
      `found ${text === undefined ? "neither a token nor" : "a token and"} --model; allowed: one of them`,
      {
        where: "lockproof explain",
        fix: "give a token, or --model with --mutant",
      },
    );
  }
  const unused =
    text === undefined ? undefined : (["scope", "mutant"] as const).find((flag) => flags[flag] !== undefined);
  if (unused !== undefined) {
    throw new UsageError(`--${unused} beside a token; allowed: with --model`, {
      where: `--${unused}`,
      fix: "leave it out: the token says what ran",
    });
  }
  if (text !== undefined) {
    const { token, text: full, violation } = await readNamedToken(text, flags.reports);
    context.noteSeed(token.seed);
    const run = await prepareRerun({ token, flags, context, isExplained: true });
    if (violation !== null) context.output.note(`${violation.name} of ${violation.run}: ${replayCommand(full)}`);
    const { evidence } = await run();
    return {
      evidence,
      ...(violation !== null && { property: [violation.property] }),
      ...(isViewed(token) && { viewed: full }),
    };
  }
  const { model = "", mutant } = flags;
  const scope = flags.scope ?? scopeOf(model, mutant);
  const evidence = await exploreOurs({
    model,
    signal: context.interrupted,
    onProgress: (progress) => context.output.progress(progress),
    now: () => context.now(),
    pointOfNoReturnStates: pointOfNoReturnStates,
    ...withoutUndefined({ scope, mutant }),
  });
  return { evidence };
}

/** The smallest scope in which the mutant shows, so that the picture is small too. */
function scopeOf(model: string, mutant: string | undefined): Readonly<Record<string, number>> | undefined {
  return model === "system" ? modelMutants.find(({ id }) => id === mutant)?.scope : undefined;
}
