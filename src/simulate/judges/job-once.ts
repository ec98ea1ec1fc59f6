/**
 * J3: a job operation that runs again after its reply was lost changes nothing a second time; and a reserve that may have happened is settled
 * before another node is tried, so that nobody has one job in two places.
 */
import { conclude, inMs, type Judgement } from "../../check/judgement.ts";
import { properties } from "../../check/properties.ts";
import type { Sent, Settled, SimEvent, Stepped } from "../trace/events.ts";
import { pairKey } from "./job-key.ts";
import { type Case, type OnlineJudge, Stories } from "./judge.ts";
import type { Scene } from "./scene.ts";
import type { EpochLine } from "./truth.ts";

type JobScript = "reserve_job" | "complete_job" | "release_job";

/** A request for a job, from its sending on. */
interface Asked {
  readonly instance: number;
  readonly script: JobScript;
  readonly node: string;
  readonly job: string;
  hasRun: boolean;
  isUnanswered: boolean;
}

const jobScripts: ReadonlySet<string> = new Set<JobScript>(["reserve_job", "complete_job", "release_job"]);

export function judgeJobOnce(theCase: Case, scene: Scene): OnlineJudge {
  return new JobOnce(theCase, scene);
}

class JobOnce implements OnlineJudge {
  readonly property = "J3";
  readonly hears = ["stepped.but_polls", "sent.but_polls", "settled.but_polls", "lost", "instance"] as const;
  readonly #scene: Scene;
  readonly #stories = new Stories();
  readonly #asked = new Map<number, Asked>();
  /** Script, node and job of what has run without its sender being told. */
  readonly #unheard = new Set<string>();
  /** Node and job of what has been completed and may not come back, by epoch. */
  readonly #finished = new Map<EpochLine, Set<string>>();
  /** By instance: job -> the node on which it may have a place. */
  readonly #unsettled: readonly Map<string, string>[];
  #repeated = 0;

  constructor({ instances }: Case, scene: Scene) {
    this.#scene = scene;
    this.#unsettled = Array.from({ length: instances }, () => new Map<string, string>());
  }

  on(event: SimEvent): void {
    switch (event.kind) {
      case "sent":
        this.#sent(event);
        break;
      case "stepped":
        this.#step(event);
        break;
      case "settled":
        this.#settled(event);
        break;
      case "lost":
        if (event.what === "reply") this.#unanswered(event.request);
        break;
      case "instance":
        if (event.state === "crashed") this.#unsettled[event.instance]?.clear();
        break;
      default:
        break;
    }
  }

  finish(): Judgement {
    const { premise } = properties.J3;
    return conclude({ property: "J3", premise, exercised: this.#repeated, violations: this.#stories.all });
  }

  #sent({ at, instance, question, request }: Sent): void {
    if (question.kind !== "nodes" || !jobScripts.has(question.asked.kind)) return;
    const asked = question.asked as Extract<typeof question.asked, { readonly job: string }>;
    const { job, kind: script, node } = asked;
    this.#asked.set(request, { instance, script, node, job, hasRun: false, isUnanswered: false });
    if (script !== "reserve_job") return;
    const elsewhere = this.#unsettled[instance]?.get(job);
    if (elsewhere === undefined || elsewhere === node) return;
    this.#stories.add(() => [
      `job ${job} was asked a place for on node ${node} while it may have one on node ${elsewhere}, allowed only once that is settled`,
      `request ${request} of instance ${instance} at ${inMs(at)}; nobody had told it what became of the reserve on ${elsewhere}`,
    ]);
  }

  #settled({ instance, outcome, request }: Settled): void {
    const asked = this.#asked.get(request);
    if (asked === undefined) return;
    const { job, node, script } = asked;
    const isOpen = outcome === "deadline" || outcome === "disconnected";
    if (isOpen) this.#unanswered(request);
    else this.#asked.delete(request);
    const unsettled = this.#unsettled[instance];
    if (script !== "reserve_job" || unsettled === undefined) return;
    if (isOpen) unsettled.set(job, node);
    else if (outcome === "answered" && unsettled.get(job) === node) unsettled.delete(job);
  }

  /** Its sender gave it up, or died: also where the store has run it, nobody has been told. */
  #unanswered(request: number): void {
    const asked = this.#asked.get(request);
    if (asked === undefined) return;
    asked.isUnanswered = true;
    if (asked.hasRun) this.#unheard.add(keyOf(asked));
  }

  #step(event: Stepped): void {
    const { request } = event;
    if (this.#scene.begun !== null) this.#begin(this.#scene.begun, event);
    const asked = this.#asked.get(request);
    if (asked !== undefined) this.#ran(asked);
    for (const change of event.changes) {
      switch (change.kind) {
        case "reserved":
        case "completed":
        case "released":
          this.#changed(event, change);
          break;
        case "registered":
        case "offline":
        case "expired":
          this.#ended(change.node, change.orphaned);
          break;
        case "lapsed":
          this.#ended(change.node, change.jobs);
          break;
        case "removed":
          this.#forget(event, change.node);
          break;
        default:
          break;
      }
    }
  }

  #ran(asked: Asked): void {
    const key = keyOf(asked);
    if (this.#unheard.has(key)) this.#repeated += 1;
    asked.hasRun = true;
    // It may have been given up before it ever arrived.
    if (asked.isUnanswered) this.#unheard.add(key);
  }

  #changed(
    { at, before, instance, partition, request, server }: Stepped,
    change: { readonly kind: "reserved" | "completed" | "released"; readonly node: string; readonly job: string },
  ): void {
    const { job, kind, node } = change;
    const line = this.#scene.truth.current(server, partition);
    const finished = line === undefined ? undefined : this.#finished.get(line);
    const key = pairKey(node, job);
    const isHeld = before.jobs.get(node)?.has(job) === true;
    const wrong = wrongness(kind, isHeld, finished?.has(key) === true);
    if (kind === "completed") finished?.add(key);
    if (kind !== "reserved") this.#ended(node, [job]);
    if (wrong === null) return;
    this.#stories.add(() => [
      `job ${job} was ${kind} on node ${node} ${wrong}, allowed once`,
      `request ${request} of instance ${instance} at ${inMs(at)}, epoch ${line?.epoch ?? "none"}`,
    ]);
  }

  /** What has no place on the node any longer is not open there either. */
  #ended(node: string, jobs: readonly string[]): void {
    for (const job of jobs) {
      for (const unsettled of this.#unsettled) if (unsettled.get(job) === node) unsettled.delete(job);
    }
  }

  /** With the node's record goes what it had finished: then a late reserve may come again. */
  #forget({ partition, server }: Stepped, node: string): void {
    const line = this.#scene.truth.current(server, partition);
    const finished = line === undefined ? undefined : this.#finished.get(line);
    const own = pairKey(node, "");
    for (const key of finished ?? []) if (key.startsWith(own)) finished?.delete(key);
  }

  #begin(line: EpochLine, { before }: Stepped): void {
    const finished = new Set<string>();
    for (const [node, jobs] of before.done) for (const job of jobs.keys()) finished.add(pairKey(node, job));
    this.#finished.set(line, finished);
  }
}

function keyOf({ job, node, script }: Asked): string {
  return script + pairKey(node, job);
}

function wrongness(kind: "reserved" | "completed" | "released", isHeld: boolean, isFinished: boolean): string | null {
  if (kind === "reserved" && isFinished) return "after it had been completed";
  if (kind === "reserved") return isHeld ? "while it was reserved already" : null;
  return isHeld ? null : "while it was not reserved";
}
