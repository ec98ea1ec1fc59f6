/** The evidence of a batch of simulated seeds: its verdict with the reasons, for the report, and its figures for machines. */
import type { Scenario } from "../../../scenarios/declare/declare.ts";
import { joinVerdicts, type Verdict } from "../../check/verdict.ts";
import type { LayerEvidence } from "../../evidence/evidence.ts";
import { withoutUndefined } from "../../evidence/without-undefined.ts";
import type { SpentInAll } from "../cost/spent.ts";
import { chargedProperties, judgedProperties, notJudged } from "../run/run.ts";
import type { Failure } from "./failures.ts";
import type { SimulateOptions } from "./options.ts";
import type { Tally } from "./tally.ts";

export interface SimulateEvidence extends LayerEvidence {
  /** The result of the batch, for machines. */
  readonly json: Readonly<Record<string, unknown>>;
}

interface Batch {
  readonly tally: Tally;
  readonly spent: Spent;
  readonly wall: number;
  readonly failures: readonly Failure[];
  /** Purposes of the load that no call of it ever fulfilled. */
  readonly unmet: readonly string[];
  readonly computed: SpentInAll;
}

export interface Spent {
  readonly events: number;
  readonly virtualMs: number;
}

/** The options that the evidence depends on. */
type Asked = Pick<SimulateOptions, "seeds" | "given" | "isCharged" | "planted">;

export function evidenceOf(
  scenario: Scenario,
  { computed, failures, spent: { events, virtualMs }, tally, unmet, wall }: Batch,
  { given, isCharged = false, planted, seeds }: Asked,
): SimulateEvidence {
  const { name, sometimes } = scenario;
  const properties = tally.properties();
  const judged = isCharged ? chargedProperties : given === undefined ? judgedProperties(scenario) : [given.property];
  const idle = judged.filter((id) => tally.exercisedOf(id) === 0);
  const unseen = isCharged ? [] : tally.unseen(sometimes);
  const reasons = [
    ...(tally.broken === null ? [] : [tally.broken]),
    ...(unseen.length === 0 ? [] : [`never seen: ${unseen.join(", ")}`]),
    ...(idle.length === 0 ? [] : [`never exercised: ${idle.join(", ")}`]),
    ...(unmet.length === 0 ? [] : [`never succeeded: ${unmet.join(", ")}`]),
  ];
  const proved: Verdict = unseen.length + idle.length + unmet.length === 0 ? "held" : "not_exercised";
  const verdict = joinVerdicts([tally.verdict, proved]);
  return {
    name: "simulate",
    verdict,
    runs: tally.runs,
    duration_ms: Math.round(wall),
    properties,
    violations: failures.map(({ violation }) => violation),
    mutants: [],
    series: [],
    faults: [],
    ...withoutUndefined({ reason: reasons.length === 0 ? undefined : `${name}, simulated: ${reasons.join("; ")}` }),
    json: {
      summary: true,
      scenario: name,
      seeds: tally.runs,
      from: seeds.from,
      to: seeds.to,
      verdict,
      events,
      events_per_second: Math.round((events / wall) * 1_000),
      times_real: Math.round(virtualMs / wall),
      properties: Object.fromEntries(
        properties.map(({ exercised, id, verdict }) => [id, { verdict, exercised, seeds: tally.seedsOf(id) }]),
      ),
      not_judged: notJudged(scenario),
      seen: tally.marks,
      failures: failures.map(({ group, shrunk, violation }) => ({
        property: group.property,
        seeds: group.seeds,
        first: group.first.seed,
        token: group.first.token,
        story: group.story,
        ...(shrunk === null
          ? {}
          : { plan: violation.token, faults: shrunk.plan.faults.length, actions: shrunk.plan.actions.length }),
      })),
      ...withoutUndefined({ reasons: reasons.length === 0 ? undefined : reasons }),
      ...(isCharged ? { charged: true, cpu: computed.json } : {}),
      ...withoutUndefined({ mutant: mutantOf(planted), scheduler: planted?.module }),
    },
  };
}

/** The id of the mutant that ran; undefined: none did. */
export function mutantOf(planted: Asked["planted"]): string | undefined {
  return planted?.id ?? undefined;
}
