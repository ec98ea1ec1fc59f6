/**
 * K3: every Redis operation ends by its deadline, and so does all that waits for it: a write that a client asks for takes no more of them than
 * it may make. Counted is the time in which the instance ran.
 */
import { type Call, readOps } from "../../check/history.ts";
import { conclude, inMs, type Judgement } from "../../check/judgement.ts";
import { properties } from "../../check/properties.ts";
import type { Millis } from "../../scheduler/ports.ts";
import type { Sent, Settled, SimEvent } from "../trace/events.ts";
import { ticksInMs } from "../world/virtual-time.ts";
import { type Case, type OnlineJudge, Stories } from "./judge.ts";
import type { Scene } from "./scene.ts";

/** Time is counted in ticks; a deadline of a fraction ends with the tick. */
const tick: Millis = 1 / ticksInMs + 1e-6;
const reads: ReadonlySet<string> = new Set(readOps);
/** A call is made again with the keys that the store says it needs, this often at most, and once more where it may have happened. */
const mostRounds = 4;
const mostForOne = 2;

export function judgeDeadlines(theCase: Case, scene: Scene): OnlineJudge {
  return new DeadlineJudge(theCase, scene);
}

class DeadlineJudge implements OnlineJudge {
  readonly property = "K3";
  readonly hears = ["called", "sent", "settled", "returned", "instance", "phase"] as const;
  readonly #case: Case;
  readonly #scene: Scene;
  readonly #stories = new Stories();
  /** By instance: requests without an end; a few at a time, so that a list is quicker than a map. */
  readonly #open: readonly Sent[][];
  /** By instance: job -> how often each node has been asked for a place since it was last dispatched. */
  readonly #dispatched: readonly Map<string, Map<string, number>>[];
  #judged = 0;
  #during = 0;
  #worst = 0;

  constructor(theCase: Case, scene: Scene) {
    this.#case = theCase;
    this.#scene = scene;
    this.#open = Array.from({ length: theCase.instances }, () => []);
    this.#dispatched = Array.from({ length: theCase.instances }, () => new Map<string, Map<string, number>>());
  }

  on(event: SimEvent): void {
    switch (event.kind) {
      case "called":
        if (event.op === "dispatch") this.#dispatched[event.instance]?.set(event.job, new Map());
        break;
      case "sent":
        this.#open[event.instance]?.push(event);
        this.#reserved(event);
        break;
      case "settled":
        this.#settled(event);
        break;
      case "returned":
        if (!reads.has(event.call.op)) this.#returned(event.call, event.at);
        break;
      case "instance":
        if (event.state === "crashed") this.#open[event.instance]?.splice(0);
        break;
      case "phase":
        if (event.name === "end") for (const open of this.#open) for (const sent of open) this.#left(sent, event.at);
        break;
      default:
        break;
    }
  }

  finish(): Judgement {
    const { premise } = properties.K3;
    const measures = this.#judged === 0 ? [] : [{ name: "past_deadline_ms_max", value: this.#worst }];
    return conclude({
      property: "K3",
      premise,
      exercised: this.#during,
      judged: this.#judged,
      violations: this.#stories.all,
      measures,
    });
  }

  /** A node is asked for a place once, and once more where nobody knows what became of that. */
  #reserved({ at, instance, question, request }: Sent): void {
    if (question.kind !== "nodes" || question.asked.kind !== "reserve_job") return;
    const { job, node } = question.asked;
    const asked = this.#dispatched[instance]?.get(job);
    if (asked === undefined) return;
    const times = (asked.get(node) ?? 0) + 1;
    asked.set(node, times);
    if (times <= mostForOne) return;
    this.#stories.add(() => [
      `instance ${instance} asked node ${node} for a place for job ${job} ${times} times in one dispatch, allowed ${mostForOne}`,
      `request ${request} at ${inMs(at)}`,
    ]);
  }

  #settled({ at, deadline, from, instance, outcome, request, script }: Settled): void {
    const open = this.#open[instance] ?? [];
    const index = open.findLastIndex((sent) => sent.request === request);
    const last = index < 0 ? undefined : open.pop();
    if (last !== undefined && last.request !== request) open[index] = last;
    this.#judged += 1;
    if (this.#scene.wasTroubled(instance, from)) this.#during += 1;
    const took = this.#scene.presence.ran(instance, from, at);
    this.#worst = Math.max(this.#worst, took - deadline);
    if (took <= deadline + tick) return;
    this.#stories.add(() => [
      `${script} of instance ${instance} ended after ${inMs(took)}, allowed ${inMs(deadline)}`,
      `request ${request} at ${inMs(from)}, ended as ${outcome}, counting only while the instance ran`,
    ]);
  }

  #left({ at: from, instance, request, script }: Sent, at: Millis): void {
    const longest = Math.max(this.#case.settings.readDeadline, this.#case.settings.writeDeadline);
    const took = this.#scene.presence.ran(instance, from, at);
    if (took <= longest + tick) return;
    this.#stories.add(() => [
      `${script} of instance ${instance} had not ended after ${inMs(took)}, allowed ${inMs(longest)}`,
      `request ${request} at ${inMs(from)}, at the end of the run`,
    ]);
  }

  #returned(call: Call, at: Millis): void {
    const { from, instance, node, op } = call;
    const to = call.to ?? at;
    if (this.#scene.presence.wasDead(instance, from, to)) return;
    const { deadlineGrace, dispatchCandidates, writeDeadline } = this.#case.settings;
    const writes = op === "dispatch" ? 2 * dispatchCandidates : mostRounds;
    const allowed = writes * (writeDeadline + deadlineGrace);
    const took = this.#scene.presence.ran(instance, from, to);
    if (took <= allowed + tick && call.to !== null) return;
    const found = call.to === null ? `had not returned after ${inMs(took)}` : `took ${inMs(took)}`;
    this.#stories.add(() => [
      `${op} ${node ?? ""} on instance ${instance} ${found}, allowed ${inMs(allowed)}: ${writes} writes at most`,
      `asked at ${inMs(from)}, counting only while the instance ran`,
    ]);
  }
}
