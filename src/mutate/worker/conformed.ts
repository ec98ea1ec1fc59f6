/** A batch of conform with a changed script. The plan that fails is not shrunk: only that it fails is asked. */
import { runBatch } from "../../conform/batch.ts";
import { brokenProperty } from "../../conform/broken-property.ts";
import { explain } from "../../conform/explain/explanation.ts";
import type { Plan } from "../../conform/plan/plan.ts";
import { watchKeys } from "../../conform/store/key-evidence.ts";
import { openSubject } from "../../conform/subject.ts";
import { tokenOf } from "../../conform/token.ts";
import { openLab } from "../../lab/lab.ts";
import { loadScripts, ownScriptsDir } from "../../redis/scripts/scripts.ts";
import { applied, type Edit } from "../mutant.ts";
import type { GateRun, RunResult } from "./messages.ts";

type ConformRun = Extract<GateRun, { readonly kind: "conform" }>;

/** Milliseconds that a store has for an answer. An endless script of a mutant takes all of them. */
const timeout = 3_000;

/** The process is killed instead. */
const signal = new AbortController().signal;

export async function conformed(
  { isConcurrent, runs, seed }: ConformRun,
  edit: Edit | null,
  redisServer: string | null,
): Promise<RunResult> {
  const scripts = loadScripts(ownScriptsDir(), (file, source) =>
    edit !== null && edit.file === `lua/${file}` ? applied(source, edit) : source,
  );
  await using lab = await openLab(redisServer === null ? {} : { redisServer });
  await using subject = await openSubject(lab, scripts, timeout);
  const style = isConcurrent ? "concurrent" : "sequential";
  const options = { seed, runs, signal, style, plan: null, concurrent: isConcurrent } as const;
  const batch = await runBatch(subject, scripts, options);
  const { failed } = batch;
  const shared = { cost: batch.commands, trace: batch.tally.traceHash(), met: [...batch.tally.met.keys()] };
  if (failed !== null) {
    const token = tokenOf(options, scripts, failed.plan);
    const [reason = null] = explain(failed.plan, failed.divergence);
    return { verdict: "violated", property: brokenProperty(failed.divergence), reason, token, ...shared };
  }
  // `isReplay`: an offence is not shrunk.
  const watching = { signal, isReplay: true, tokenOf: (each: Plan) => tokenOf(options, scripts, each) };
  const { offence, plan } = await watchKeys(subject, scripts, batch.watchable, watching);
  if (offence === null) return { verdict: "held", property: null, reason: null, token: null, ...shared };
  return { verdict: "violated", property: "K1", reason: offence, token: tokenOf(options, scripts, plan), ...shared };
}
