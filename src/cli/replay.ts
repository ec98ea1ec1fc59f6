/** `replay TOKEN`: that run again, in a new process. */
import { Command } from "commander";
import { z } from "zod";
import { exitCodeOf } from "../check/verdict.ts";
import { UsageError } from "../report/failure.ts";
import { decodeToken, type ReplayToken } from "../report/token.ts";
import { printConform } from "./conform.ts";
import type { Context } from "./context.ts";
import { exploreOurs, printExplore } from "./explore.ts";
import { jsonFlag, luaFlag, mutantIds, redisFlag, type ServerFlags, serversOf, toxiproxyFlag } from "./flags.ts";
import type { ConformEvidence, InjectEvidence, Layers } from "./layers.ts";
import { checkWords } from "./values.ts";
import { layerLines } from "./verdict-lines.ts";

interface ReplayFlags extends ServerFlags {
  readonly lua?: string;
  readonly json?: true;
}

export function replayCommand(context: Context): Command {
  return new Command("replay")
    .summary("a run again, from the token that it printed")
    .description("Runs again what a token names and shows where the model and the system part.")
    .argument("<token>", "the line that begins with lp1:")
    .addOption(luaFlag())
    .addOption(redisFlag())
    .addOption(toxiproxyFlag())
    .addOption(jsonFlag())
    .addHelpText("after", "\nExample:\n  lockproof replay lp1:conform:8213:q1ZKSSxJ…")
    .action(async (text: string, flags: ReplayFlags) => {
      const token = decodeToken(text.trim());
      context.noteSeed(token.seed);
      const layers = await context.layers();
      if (token.layer === "conform") await replayConform(token, flags, layers, context);
      else if (token.layer === "inject") await replayInject(token, flags, layers, context);
      else if (token.layer === "explore") await replayExplore(token, flags, context);
      else {
        throw new UsageError(`the token is of layer ${token.layer}; this program replays conform, inject and explore`, {
          where: "token: layer",
          fix: "replay it with the lockproof that printed it",
        });
      }
    });
}

async function replayConform(token: ReplayToken, flags: ReplayFlags, layers: Layers, context: Context): Promise<void> {
  checkWords("mutant", token.mutant === undefined ? [] : [token.mutant], mutantIds(layers, "conform"), "token: mutant");
  announce(token, flags, context);
  const { redisServer } = serversOf(flags);
  const evidence: ConformEvidence = await layers.runConform({
    runs: token.runs ?? 1,
    seed: token.seed,
    signal: context.interrupted,
    onProgress: (text) => context.output.progress(text),
    ...(token.mutant === undefined ? {} : { mutant: token.mutant }),
    ...(token.plan === undefined ? {} : { plan: token.plan }),
    ...(token.options?.["concurrent"] === true ? { concurrent: true } : {}),
    ...(flags.lua === undefined ? {} : { luaDir: flags.lua }),
    ...(redisServer === undefined ? {} : { redisServer }),
  });
  const now = evidence.json.script_set;
  if (token.script_set !== undefined && token.script_set !== now) {
    context.output.note(`the token was made with scripts ${token.script_set}; these are ${now}: the run may differ`);
  }
  if (flags.json) context.output.json({ seed: token.seed, ...evidence.json });
  else printConform(evidence, context.output);
  context.exit(exitCodeOf(evidence.verdict));
}

async function replayInject(token: ReplayToken, flags: ReplayFlags, layers: Layers, context: Context): Promise<void> {
  checkWords("scenario", [token.subject], await layers.scenarioNames(), "token: subject");
  checkWords("mutant", token.mutant === undefined ? [] : [token.mutant], mutantIds(layers, "inject"), "token: mutant");
  announce(token, flags, context);
  const evidence: InjectEvidence = await layers.runInject({
    ...serversOf(flags),
    ...(token.mutant === undefined ? {} : { planted: token.mutant }),
    scenario: token.subject,
    seed: token.seed,
    signal: context.interrupted,
    onProgress: (text) => context.output.progress(text),
  });
  if (flags.json)
    context.output.json({ scenario: token.subject, seed: token.seed, verdict: evidence.verdict, ...evidence.json });
  else for (const line of layerLines(evidence, context.output)) context.output.line(line);
  context.exit(exitCodeOf(evidence.verdict));
}

const exploreOptions = z.object({
  model: z.string(),
  scope: z.record(z.string(), z.number()).optional(),
  symmetry: z.union([z.boolean(), z.enum(["on", "off"])]).optional(),
});

/** Exhaustive, so there is no seed to it: model, scope and mutant say all. */
async function replayExplore(token: ReplayToken, flags: ReplayFlags, context: Context): Promise<void> {
  const parsed = exploreOptions.safeParse(token.options);
  if (!parsed.success) {
    throw new UsageError("the token does not say which model was explored", {
      where: "token: options",
      fix: "replay it with the lockproof that printed it",
    });
  }
  const { model, scope, symmetry } = parsed.data;
  announce(token, flags, context);
  const evidence = await exploreOurs({
    model,
    symmetry: symmetry === true || symmetry === "on",
    signal: context.interrupted,
    onProgress: (text) => context.output.progress(text),
    now: () => context.now(),
    ...(scope === undefined ? {} : { scope }),
    ...(token.mutant === undefined ? {} : { mutant: token.mutant }),
  });
  if (flags.json) context.output.json(evidence.json);
  else printExplore(evidence, context.output);
  context.exit(exitCodeOf(evidence.verdict));
}

function announce(token: ReplayToken, flags: ReplayFlags, context: Context): void {
  if (flags.json) return;
  const mutant = token.mutant === undefined ? "" : `   mutant ${token.mutant}`;
  context.output.line(`lockproof replay   ${token.layer} ${token.subject}   seed ${token.seed}${mutant}`);
}
