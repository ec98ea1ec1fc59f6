/**
 * D1: every read returns within the budget, whatever Redis does. What cannot run cannot answer: that is not Redis's doing.
 *
 * Where computing takes time (src/simulate/cost), it counts. Nor may an instance compute for so long without a break that a read which comes meanwhile
 * would miss the budget whenever the store does not answer in time: the budget less the read's own deadline.
 *
 * Where each call to the store is seen, a read waits for nothing else: while it has no answer, something is being asked.
 */
import { type Call, type Millis, readOps } from "../../check/history.ts";
import { inMs, type Judgement } from "../../check/judgement.ts";
import { Latencies } from "../../check/timing/distribution.ts";
import type { Called, Computed, JudgeEvent, JudgeEventKind, Returned } from "../event.ts";
import { Findings } from "../findings.ts";
import type { Case, Judge } from "../judge.ts";
import { isRead } from "../modes/store-calls.ts";
import { BusyTime } from "./busy-time.ts";

const callsToTheStore = ["called", "sent", "settled", "instance"] as const;

export function judgeReadLatency(theCase: Case): Judge {
  return new ReadLatency(theCase);
}

class ReadLatency implements Judge {
  readonly property = "D1";
  readonly hears: readonly JudgeEventKind[];
  readonly operations = readOps;
  readonly #case: Case;
  readonly #findings = new Findings("D1");
  readonly #latencies = new Latencies();
  #exercised = 0;
  #judged = 0;
  /** Reads that waited for an instance that was stopped meanwhile. */
  #met = 0;
  readonly #busy: BusyTime;
  /** Reads without an answer: for how long their instance had asked something before. */
  readonly #asked = new Map<number, Millis>();

  constructor(theCase: Case) {
    this.#case = theCase;
    this.#busy = new BusyTime(theCase.instances);
    this.hears = ["returned", "computed", ...(theCase.areCallsSeen ? callsToTheStore : [])];
  }

  on(event: JudgeEvent): void {
    switch (event.kind) {
      case "computed":
        this.#computed(event);
        break;
      case "returned":
        this.#returned(event);
        break;
      case "called":
        this.#called(event);
        break;
      case "sent":
        if (isRead(event.script)) this.#busy.sent(event.instance, event.at);
        break;
      case "settled":
        if (isRead(event.script)) this.#busy.settled(event.instance, event.at);
        break;
      case "instance":
        if (event.state === "crashed") this.#busy.crashed(event.instance, event.at);
        break;
      default:
        break;
    }
  }

  finish(): Judgement {
    return this.#findings.conclude({
      exercised: this.#exercised,
      judged: this.#judged,
      open: this.#case.timing.openText,
      measures: this.#measures(),
    });
  }

  #computed({ at, cause, instance, took }: Computed): void {
    const { bounds, terms } = this.#case;
    const allowed = bounds.budget - (terms.readLimit ?? 0);
    if (took <= allowed) return;
    this.#findings.violate(() => [
      `instance ${instance} computed ${inMs(took)} without a break, allowed ${inMs(allowed)}: a read that comes meanwhile has no more beside its deadline`,
      `in a step of ${cause} at ${inMs(at)}`,
    ]);
  }

  #called({ at, call, instance }: Called): void {
    this.#asked.set(call, this.#busy.upTo(instance, at));
  }

  #judgeWait({ from, id, instance, node = "", op, to }: Call): void {
    const before = this.#asked.get(id);
    this.#asked.delete(id);
    const { timing } = this.#case;
    if (before === undefined || to === null || timing.wasStopped(instance, from, to)) return;
    const idle = to - from - (this.#busy.upTo(instance, to) - before);
    if (idle <= timing.grain) return;
    this.#findings.violate(
      () => [
        `${op} ${node} on instance ${instance} waited for ${inMs(idle)} while nothing was asked of Redis, allowed none`,
        `asked at ${inMs(from)}, answered at ${inMs(to)}`,
      ],
      [id],
    );
  }

  #returned({ at, call }: Returned): void {
    this.#judgeWait(call);
    const { bounds, scene, timing } = this.#case;
    const { from, id, instance, outcome, to } = call;
    const until = to ?? Math.min(at, scene.givenUpAt);
    if (timing.wasAway(instance, from, until)) return;
    const took = timing.ran(instance, from, until);
    // Up to the end of the run it had not run for so long.
    if (to === null && took < bounds.budget) return;
    this.#judged += 1;
    if (scene.wasMet(instance, from)) this.#exercised += 1;
    if (took < until - from) this.#met += 1;
    this.#latencies.add(took);
    if (outcome === "fail") this.#findings.violate(() => refusedStory(call), [id]);
    if (took < bounds.budget) return;
    const late = took - bounds.budget;
    const blame = timing.blameForCall(late, { ...call, to: until });
    const isMarginal = timing.isMarginal(late, from, until, instance);
    const story = () => lateStory(call, took, bounds.budget, timing.waitText(instance, from, until));
    this.#findings.late(blame, isMarginal, story, [id]);
  }

  #measures(): Judgement["measures"] {
    const { bounds, timing } = this.#case;
    const { budget: threshold } = bounds;
    const latency = this.#latencies.distribution;
    if (latency === null) return [];
    const { max, p50, p95, p99 } = latency;
    // Reads that the machine's own stalls made late were not judged, so they are shown without the threshold.
    const { isSettled } = this.#findings;
    return [
      { name: "read_latency_ms_p50", value: p50 },
      { name: "read_latency_ms_p95", value: p95 },
      { name: "read_latency_ms_p99", value: p99, ...(isSettled || p99 < threshold ? { threshold } : {}) },
      { name: "read_latency_ms_max", value: max, ...(isSettled ? { threshold } : {}) },
      { name: "read_margin_ms_min", value: threshold - max, direction: "at_least" },
      ...(this.#met === 0 ? [] : [{ name: "reads_met_by_a_standstill", value: this.#met }]),
      ...timing.measures,
    ];
  }
}

/** A read always has an answer, if only that nothing is known. */
function refusedStory({ from, instance, node = "", op, reply }: Call): readonly string[] {
  return [
    `${op} ${node} on instance ${instance} gave no answer, allowed is any answer`,
    `asked at ${inMs(from)}; ${reply}`,
  ];
}

function lateStory(call: Call, took: Millis, budget: Millis, waited: string): readonly string[] {
  const { from, instance, node = "", op, read, to } = call;
  const found = to === null ? `had not returned after ${inMs(took)}` : `took ${inMs(took)}`;
  return [
    `${op} ${node} on instance ${instance} ${found}, allowed less than ${inMs(budget)}`,
    `asked at ${inMs(from)}; ${waited}`,
    ...(read === undefined ? [] : [`it answered from ${read.source}, stale: ${read.stale}, mode ${read.mode}`]),
  ];
}
