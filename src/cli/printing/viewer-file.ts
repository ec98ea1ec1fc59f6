/** Writes the trace viewer of a simulated run or of a stored history into the file of `--html`. */
import type { PropertyId } from "../../check/properties.ts";
import { UsageError } from "../../evidence/failure.ts";
import { decodeToken, type ReplayToken } from "../../evidence/token.ts";
import { countText } from "../../evidence/words.ts";
import type { ViewedRun } from "../../viewer/viewed-run.ts";
import { moduleOfToken, type SchedulerFlag } from "../arguments/scheduler-flag.ts";
import type { Context } from "../process/context.ts";
import { writeResultFile } from "./result-file.ts";

/** `inject-redis-gone-8213-fault.jsonl.gz`: no token ends so. */
export function isHistory(text: string): boolean {
  return /\.jsonl(?:\.gz)?$/u.test(text.trim());
}

/** Whether the viewer shows the whole run of a token, and not only its counterexample. */
export function isViewed({ layer, options }: ReplayToken): boolean {
  return layer === "simulate" && options?.["on"] !== "redis";
}

export interface ViewerFlags extends SchedulerFlag {
  readonly html: string;
  readonly beside?: string;
  /** The properties of a history whose first violation is marked. */
  readonly properties?: readonly PropertyId[];
}

export async function writeViewer(subject: string, flags: ViewerFlags, context: Context): Promise<boolean> {
  const { output } = context;
  const { page, run } = await drawViewer(subject, flags, context);
  await writeResultFile("--html", flags.html, page);
  const broken = run.broken === null ? "" : `; ${run.broken.property} is violated at step ${run.broken.step + 1}`;
  output.note(`run of ${countText(run.steps.length, "step")}: ${flags.html}${broken}`);
  return run.broken !== null;
}

/** @param subject a token or the file of a history; a mutant's run stands beside the same run of our own scheduler */
export async function drawViewer(
  subject: string,
  flags: Omit<ViewerFlags, "html">,
  context: Context,
): Promise<{ readonly run: ViewedRun; readonly page: string }> {
  const { renderViewer } = await import("../../viewer/page.ts");
  const run = await viewed(subject, flags, context);
  const other = flags.beside ?? (isHistory(subject) || decodeToken(subject).mutant === undefined ? undefined : subject);
  const beside =
    other === undefined ? null : await viewed(other, flags, context, { isRight: flags.beside === undefined });
  return { run, page: renderViewer(run, beside) };
}

async function viewed(
  subject: string,
  flags: Omit<ViewerFlags, "html">,
  context: Context,
  { isRight = false } = {},
): Promise<ViewedRun> {
  const layers = await context.layers();
  if (isHistory(subject)) return await layers.viewHistory(subject.trim(), flags.properties);
  const token = decodeToken(subject);
  if (!isViewed(token)) {
    throw new UsageError(`found a token of layer ${token.layer}; allowed: a simulated run, or the file of a history`, {
      where: "--beside",
      fix: "give the token of a simulated run, or a history that verify keeps: inject-….jsonl.gz",
    });
  }
  const module = await moduleOfToken(token, flags);
  return await layers.viewSimulated({
    ...{ token, text: subject.trim(), isRight, onProgress: (text) => context.output.progress(text) },
    ...(module && { module }),
  });
}
