/**
 * H1: what the store holds of a node's health is the documented function of the metrics that the node reported, and an impossible metric costs that metric
 * and not the heartbeat. A score that differs by less than is material may stay as it was; one that has moved is exact.
 */
import type { Call } from "../../check/history.ts";
import type { Judgement } from "../../check/judgement.ts";
import type { JudgeEvent, NodeSeen } from "../event.ts";
import { Findings } from "../findings.ts";
import type { Case, Judge } from "../judge.ts";
import type { EpochLine } from "../truth.ts";
import { expectedHealth, isAllowed, knownOf, type Reported } from "./documented.ts";

/** A heartbeat that the store has taken. */
interface Taken {
  readonly at: number;
  readonly node: string;
  readonly life: string;
  readonly seq: number;
  readonly metrics: Readonly<Record<string, number>>;
  readonly healthMilli: number;
  /** The score right before; null: not known. */
  readonly before: number | null;
}

/** The last state of a node in one epoch. */
type Last = Pick<Taken, "life" | "seq" | "healthMilli">;

/** Docs/protocol.md, `heartbeat`: a score that moves by less keeps its place. Thousandths. */
const material = 50;
/** Scores are rounded to the thousandth, and metrics to six decimals. */
const rounding = 1;
const metricRounding = 1e-6;
/** How a scheduler says that it does not take an argument. */
const refusal = /^(threw InvalidInputError|invalid$)/;

export function judgeHealthScores(_: Case): Judge {
  return new HealthScores();
}

class HealthScores implements Judge {
  readonly property = "H1";
  readonly hears = ["returned", "node"] as const;
  readonly operations = ["heartbeat"] as const;
  readonly #findings = new Findings("H1");
  /** By node: the heartbeats that clients sent, by number. */
  readonly #sent = new Map<string, Map<number, Call[]>>();
  /** By epoch, then by node. */
  readonly #last = new Map<EpochLine | null, Map<string, Last>>();
  readonly #taken: Taken[] = [];
  #compared = 0;
  #withImpossible = 0;

  on(event: JudgeEvent): void {
    if (event.kind === "node") this.#seen(event);
    else if (event.kind === "returned") this.#returned(event.call);
  }

  finish(): Judgement {
    for (const taken of this.#taken) this.#compare(taken);
    return this.#findings.conclude({
      exercised: this.#compared,
      measures: [{ name: "heartbeats_with_impossible_metrics", value: this.#withImpossible }],
    });
  }

  #returned(call: Call): void {
    const { id, instance, metrics, node = "", outcome, reply, seq = 0 } = call;
    this.#keep(node, seq, call);
    if (metrics === undefined || outcome !== "fail" || !refusal.test(reply)) return;
    const impossible = Object.entries(metrics).filter(([, metric]) => !isAllowed(metric));
    if (impossible.length === 0) return;
    this.#findings.violate(
      () => [
        `instance ${instance} refused heartbeat ${seq} of node ${node} for a metric (${reply}), allowed is to leave that metric out`,
        `impossible or not known: ${impossible.map(([name, metric]) => `${name} ${metric}`).join(", ")}`,
      ],
      [id],
    );
  }

  #seen({ at, heartbeat, heartbeatSeq: seq, line, metrics, node, record }: NodeSeen): void {
    const known = this.#last.get(line);
    if (record === null) {
      known?.delete(node);
      return;
    }
    const { healthMilli, incarnation: life } = record;
    const last = known?.get(node);
    if (last?.seq === seq && last.life === life) return;
    if (known === undefined) this.#last.set(line, new Map([[node, { life, seq, healthMilli }]]));
    else known.set(node, { life, seq, healthMilli });
    if (metrics === undefined || metrics === null) return;
    const isNext = last?.life === life && (heartbeat?.seq === seq || seq === last.seq + 1);
    this.#taken.push({ at, node, life, seq, metrics, healthMilli, before: isNext ? last.healthMilli : null });
  }

  #keep(node: string, seq: number, call: Call): void {
    const known = this.#sent.get(node);
    if (known === undefined) {
      this.#sent.set(node, new Map([[seq, [call]]]));
      return;
    }
    const sent = known.get(seq);
    if (sent === undefined) known.set(seq, [call]);
    else sent.push(call);
  }

  #compare(taken: Taken): void {
    const calls = (this.#sent.get(taken.node)?.get(taken.seq) ?? []).filter(
      ({ incarnation = taken.life }) => incarnation === taken.life,
    );
    const reports = calls.flatMap(({ metrics }) => (metrics === undefined ? [] : [metrics]));
    if (reports.length === 0) {
      if (calls.length === 0) this.#findings.unseen();
      return;
    }
    this.#compared += 1;
    if (reports.every((reported) => Object.values(reported).some((metric) => !isAllowed(metric))))
      this.#withImpossible += 1;
    const differences = reports.map((reported) => differenceOf(reported, taken));
    if (differences.includes(null)) return;
    const { at, node, seq } = taken;
    this.#findings.violate(
      () => [
        `node ${node} after heartbeat ${seq}: ${differences[0]}`,
        `seen at ${Math.round(at)} ms; reported ${JSON.stringify(reports[0])}`,
      ],
      calls.map(({ id }) => id),
    );
  }
}

/** Describes the first difference from the documentation; null: there is none. */
function differenceOf(reported: Reported, { before, healthMilli, metrics }: Taken): string | null {
  const known = knownOf(reported);
  for (const name of new Set([...known.keys(), ...Object.keys(metrics)])) {
    const [expected, found] = [known.get(name), metrics[name]];
    if (expected !== undefined && found !== undefined && Math.abs(expected - found) <= metricRounding) continue;
    return `the store holds ${name} ${found ?? "not at all"}, allowed ${expected ?? "not at all: the metric is not known"}`;
  }
  const expected = expectedHealth(known);
  const away = Math.abs(healthMilli - expected);
  const isMoved = before !== null && before !== healthMilli;
  const allowed = isMoved ? rounding : material + rounding;
  if (away <= allowed) return null;
  return `health_milli ${healthMilli}, allowed ${expected.toFixed(1)} ± ${allowed}, the documented function of its metrics`;
}
