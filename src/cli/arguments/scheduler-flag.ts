/** `--scheduler <file>`: a scheduler that was written elsewhere and runs in this process, on virtual time. */
import { Option } from "commander";
import { UsageError } from "../../evidence/failure.ts";
import type { ReplayToken } from "../../evidence/token.ts";
import type { SchedulerModule } from "../../simulate/elsewhere/scheduler-module.ts";

export interface SchedulerFlag {
  readonly scheduler?: string;
}

export function schedulerFlag(): Option {
  return new Option("--scheduler <file>", "simulated runs: this module's createScheduler in place of ours");
}

/** @throws UsageError for a file that is no such module */
export async function moduleOf(path: string): Promise<SchedulerModule> {
  const { loadSchedulerModule } = await import("../../simulate/elsewhere/scheduler-module.ts");
  return await loadSchedulerModule(path);
}

/** @param given other flags, by name; undefined: not given @throws UsageError at the first that is for our own scheduler alone */
export function refuseBesideScheduler(given: Readonly<Record<string, unknown>>): void {
  const [flag] = Object.entries(given).find(([, value]) => value !== undefined) ?? [];
  if (flag === undefined) return;
  throw new UsageError(`--scheduler with ${flag}; allowed: one of them`, {
    where: "--scheduler",
    fix: `leave out one: ${flag} changes or reads the source of our own scheduler`,
  });
}

/**
 * The scheduler that a token was made with has to be named again: a token holds its name and content, and no path.
 * @throws UsageError where it is not named, where the token is of ours, and for another content, with which the run would be another one
 */
export async function moduleOfToken(
  token: ReplayToken,
  { scheduler }: SchedulerFlag,
): Promise<SchedulerModule | undefined> {
  const { schedulerIn } = await import("../../simulate/run/token.ts");
  const made = token.layer === "simulate" ? schedulerIn(token) : undefined;
  if (made === undefined && scheduler === undefined) return undefined;
  const refuse = (found: string, allowed: string, fix: string) =>
    new UsageError(`found ${found}; allowed: ${allowed}`, { where: "--scheduler", fix });
  if (made === undefined) throw refuse("--scheduler beside a token of our own scheduler", "none", "leave it out");
  const named = `${made.name} with content ${made.hash}`;
  if (scheduler === undefined) throw refuse("no --scheduler", named, `give --scheduler with the path of ${made.name}`);
  const module = await moduleOf(scheduler);
  if (module.hash === made.hash) return module;
  const fix = "replay it with the content that it was made with, or simulate again for a new token";
  throw refuse(`${module.name} with content ${module.hash}`, named, fix);
}
