/** Runs every check of the contract on the unchanged code as the evidence of one layer. Checks on servers mostly wait, so several run at once. */
import { joinVerdicts } from "../../check/verdict.ts";
import type { LayerEvidence } from "../../evidence/evidence.ts";
import { BrokenRunError, messageOf } from "../../evidence/failure.ts";
import { mergeLayers } from "../../evidence/merge.ts";
import { type Lab, openLab } from "../../lab/lab.ts";
import { type AnyCheck, allChecks } from "./registry.ts";
import { checkAsItIs, isOfInstance } from "./run.ts";

export interface ContractsOptions {
  readonly seed: number;
  readonly signal: AbortSignal;
  readonly redisServer?: string | undefined;
  readonly onProgress?: (text: string) => void;
  /** All of them where it is absent. */
  readonly checks?: readonly AnyCheck[];
  /** Checks that run at a time, each with servers of its own. */
  readonly atOnce?: number;
}

/** More would wait for a processor, on two of them. */
const usualAtOnce = 3;
/** The most runs of a check whose premise is not met. */
const mostTries = 3;

/**
 * A check that cannot run is broken; the others still run.
 * @throws LabError when no Redis is available; BrokenRunError when `signal` ended it before anything was found
 */
export async function runContracts(options: ContractsOptions): Promise<LayerEvidence> {
  const { atOnce = usualAtOnce, checks = allChecks, onProgress = () => {}, redisServer, seed, signal } = options;
  await using lab = await openLab({
    signal,
    onProvide: (way) => onProgress(`no redis-server found: ${way}`),
    redisServer,
  });
  if (!checks.every(isOfInstance)) {
    await lab.redisBinary().catch((error: unknown) => {
      throw signal.aborted ? cutOff(checks.map(({ id }) => id)) : error;
    });
  }
  const found = new Map<AnyCheck, LayerEvidence>();
  const isAlone = (check: AnyCheck): boolean => check.isAlone === true;
  const work = async (waiting: AnyCheck[]): Promise<void> => {
    for (let check = waiting.shift(); check !== undefined && !signal.aborted; check = waiting.shift()) {
      onProgress(`contract: ${check.id}`);
      const one = check;
      found.set(one, await exercised(lab, one, seed).catch((error: unknown) => broken(one, error)));
    }
  };
  const sideBySide = checks.filter((check) => !isAlone(check));
  await Promise.all(Array.from({ length: atOnce }, () => work(sideBySide)));
  await work(checks.filter(isAlone));
  const checked = checks.flatMap((check) => found.get(check) ?? []);
  const left = checks.filter((check) => !found.has(check)).map(({ id }) => id);
  // An interruption never hides a violation.
  if (left.length > 0 && joinVerdicts(checked.map(({ verdict }) => verdict)) !== "violated") throw cutOff(left);
  const [evidence] = mergeLayers([...checked, ...(left.length === 0 ? [] : [without(left)])]);
  if (evidence === undefined) throw new RangeError("a contract without a check");
  return evidence;
}

/** Repeats a check whose awaited event came too early or too late to count. */
async function exercised(lab: Lab, check: AnyCheck, seed: number): Promise<LayerEvidence> {
  for (let tries = 1; ; tries += 1) {
    const evidence = await checkAsItIs(lab, check, seed);
    if (evidence.verdict !== "not_exercised") return evidence;
    if (tries === mostTries) return { ...evidence, reason: `contract: ${check.id}: its premise was never met` };
  }
}

function broken({ id }: AnyCheck, error: unknown): LayerEvidence {
  return { ...silent, verdict: "broken", reason: `contract: ${id}: ${messageOf(error)}` };
}

function without(left: readonly string[]): LayerEvidence {
  return { ...silent, verdict: "unknown", reason: `contract: not made any more: ${left.join(", ")}` };
}

function cutOff(left: readonly string[]): BrokenRunError {
  return new BrokenRunError(`the contract was not checked to its end: ${left.join(", ")}`, {
    where: "contract",
    fix: "run it again and let it come to its end",
  });
}

const silent: Omit<LayerEvidence, "verdict"> = {
  name: "inject",
  ...{ runs: 0, duration_ms: 0 },
  ...{ properties: [], violations: [], mutants: [], series: [], faults: [] },
};
