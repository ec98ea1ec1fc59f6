/** J4: no reservation leaks: a node whose jobs have all ended or lapsed counts none; and none outlives its lease by more than a sweep. */
import { conclude, inMs, type Judgement } from "../../check/judgement.ts";
import { properties } from "../../check/properties.ts";
import type { Millis } from "../../scheduler/ports.ts";
import type { SimEvent, Stepped, Truth } from "../trace/events.ts";
import { type Case, type OnlineJudge, Stories } from "./judge.ts";
import type { Scene } from "./scene.ts";
import type { EpochLine } from "./truth.ts";

export function judgeLeaks(theCase: Case, scene: Scene): OnlineJudge {
  return new Leaks(theCase, scene);
}

class Leaks implements OnlineJudge {
  readonly property = "J4";
  readonly hears = ["stepped.but_polls", "phase", "truth"] as const;
  readonly #scene: Scene;
  readonly #stories = new Stories();
  /** Of each epoch: node -> its jobs, as the changes tell of them. */
  readonly #live = new Map<EpochLine, Map<string, Set<string>>>();
  /** What a lease may be past, at the end: a return to normal, and a sweep. */
  readonly #grace: Millis;
  #isOver = false;
  #emptied = 0;

  constructor({ convergence, settings }: Case, scene: Scene) {
    this.#scene = scene;
    this.#grace = convergence + 2 * settings.sweepInterval * (1 + settings.ttlSpread);
  }

  on(event: SimEvent): void {
    switch (event.kind) {
      case "stepped":
        if (this.#scene.begun !== null) this.#begin(this.#scene.begun, event);
        for (const change of event.changes) if (change.kind !== "config") this.#changed(event, change);
        break;
      case "phase":
        this.#isOver ||= event.name === "quiet";
        break;
      case "truth":
        if (this.#isOver) this.#look(event);
        break;
      default:
        break;
    }
  }

  finish(): Judgement {
    const { premise } = properties.J4;
    return conclude({ property: "J4", premise, exercised: this.#emptied, violations: this.#stories.all });
  }

  #begin(line: EpochLine, { before }: Stepped): void {
    const live = new Map<string, Set<string>>();
    for (const [node, jobs] of before.jobs) live.set(node, new Set(jobs.keys()));
    this.#live.set(line, live);
  }

  #changed(
    { after, at, partition, request, server }: Stepped,
    change: Exclude<Stepped["changes"][number], { readonly kind: "config" }>,
  ): void {
    const line = this.#scene.truth.current(server, partition);
    const live = line === undefined ? undefined : this.#live.get(line);
    if (live === undefined) return;
    const { node } = change;
    const own = live.get(node) ?? new Set<string>();
    live.set(node, own);
    const had = own.size;
    switch (change.kind) {
      case "reserved":
        own.add(change.job);
        return;
      case "completed":
      case "released":
        own.delete(change.job);
        break;
      case "lapsed":
        for (const job of change.jobs) own.delete(job);
        break;
      case "health":
        return;
      default:
        own.clear();
    }
    if (had === 0 || own.size > 0) return;
    this.#emptied += 1;
    const counted = Math.max(after.nodes.get(node)?.currentJobs ?? 0, after.jobs.get(node)?.size ?? 0);
    if (counted === 0) return;
    this.#stories.add(() => [
      `node ${node} counts ${counted} jobs although all of its jobs have ended or lapsed, allowed 0`,
      `after ${change.kind}, request ${request} at ${inMs(at)}`,
    ]);
  }

  #look({ at, partition, state }: Truth): void {
    const now = this.#scene.serverClock + Math.floor(at);
    for (const [node, jobs] of state.jobs) {
      for (const [job, until] of jobs) {
        if (!(now - until > this.#grace)) continue;
        this.#stories.add(() => [
          `job ${job} still has its place on node ${node} ${inMs(now - until)} after its lease ended, allowed ${inMs(this.#grace)}`,
          `partition ${partition}, looked at ${inMs(at)}, after everything had healed`,
        ]);
      }
    }
  }
}
