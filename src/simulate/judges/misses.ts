/** C2: lookups of a missing node cost at most one Redis request per miss TTL and instance. */
import type { Call } from "../../check/history.ts";
import { conclude, inMs, type Judgement } from "../../check/judgement.ts";
import { properties } from "../../check/properties.ts";
import type { Millis } from "../../scheduler/ports.ts";
import { toPort } from "../servers/protocol-values.ts";
import type { Sent, Settled, SimEvent, Stepped } from "../trace/events.ts";
import { type Case, type OnlineJudge, Stories } from "./judge.ts";
import type { Scene } from "./scene.ts";

/** A request for one node by name. */
interface Asked {
  readonly request: number;
  readonly partition: number;
  readonly at: Millis;
  /** Whether it leaves a mark: it was answered, in the epoch that the instance follows, and there was no such node. */
  outcome: "under way" | "marked" | "no mark";
  /** The epoch of the page, as soon as the store has run it; null: it was there, or has not been run. */
  missingIn: string | null;
}

export function judgeMisses(theCase: Case, scene: Scene): OnlineJudge {
  return new Misses(theCase, scene);
}

class Misses implements OnlineJudge {
  readonly property = "C2";
  readonly hears = [
    "sent.but_polls",
    "stepped.but_polls",
    "settled.but_polls",
    "returned",
    "instance",
    "scheduler.resync_started",
    "scheduler.resynced",
  ] as const;
  readonly #missTtl: Millis;
  /** How long a mark may be good for, counted from the request that made it. */
  readonly #marked: Millis;
  readonly #scene: Scene;
  readonly #stories = new Stories();
  /** By instance: node -> the last request for it. */
  readonly #asked: readonly Map<string, Asked>[];
  readonly #underWay = new Map<number, Asked>();
  #absorbed = 0;
  #sent = 0;

  constructor({ instances, settings }: Case, scene: Scene) {
    this.#missTtl = settings.missTtl;
    this.#marked = settings.missTtl + settings.readDeadline + settings.deadlineGrace;
    this.#scene = scene;
    this.#asked = Array.from({ length: instances }, () => new Map<string, Asked>());
  }

  on(event: SimEvent): void {
    switch (event.kind) {
      case "sent":
        this.#send(event);
        break;
      case "stepped":
        this.#step(event);
        break;
      case "settled":
        this.#settle(event);
        break;
      case "returned":
        if (event.call.read?.source === "miss") this.#answered(event.call);
        break;
      case "instance":
        if (event.state === "crashed") this.#asked[event.instance]?.clear();
        break;
      case "scheduler":
        if ("partition" in event.what) this.#forget(event.instance, event.what.partition);
        break;
      default:
        break;
    }
  }

  finish(): Judgement {
    const { premise } = properties.C2;
    return conclude({
      property: "C2",
      premise,
      exercised: this.#absorbed,
      violations: this.#stories.all,
      measures: [
        { name: "requests_sent", value: this.#sent },
        { name: "repeated_within_miss_ttl", value: this.#stories.count, threshold: 0 },
      ],
    });
  }

  /** Without a request only where an earlier one has left a mark that is still good. */
  #answered({ from, instance, node = "" }: Call): void {
    const asked = this.#asked[instance]?.get(node);
    if (asked?.outcome === "marked" && from - asked.at <= this.#marked) this.#absorbed += 1;
  }

  #send({ at, instance, question, request }: Sent): void {
    if (question.kind !== "nodes" || question.asked.kind !== "snapshot" || question.asked.limit !== 0) return;
    const own = this.#asked[instance];
    if (own === undefined) return;
    for (const node of question.asked.records) {
      this.#sent += 1;
      const before = own.get(node);
      const asked: Asked = { request, partition: question.partition, at, outcome: "under way", missingIn: null };
      own.set(node, asked);
      this.#underWay.set(request, asked);
      if (before === undefined || before.outcome === "no mark" || at - before.at >= this.#missTtl) continue;
      this.#stories.add(() => [
        `two requests of instance ${instance} for the missing node ${node} ${inMs(at - before.at)} apart, allowed one in ${inMs(this.#missTtl)}`,
        `requests ${before.request} at ${inMs(before.at)} and ${request} at ${inMs(at)}; the node did not register meanwhile`,
      ]);
    }
  }

  #step({ changes, command, reply, request }: Stepped): void {
    const asked = this.#underWay.get(request);
    if (asked !== undefined && command.kind === "snapshot" && reply.kind === "page" && reply.records[0] === null) {
      asked.missingIn = toPort(reply.version).epoch;
    }
    // A node that has registered is not missing any more, whatever became of it since.
    for (const change of changes) {
      if (change.kind === "registered") for (const own of this.#asked) own.delete(change.node);
    }
  }

  #settle({ instance, outcome, request }: Settled): void {
    const asked = this.#underWay.get(request);
    if (asked === undefined) return;
    this.#underWay.delete(request);
    const view = this.#scene.view(instance, asked.partition);
    const isMarked = outcome === "answered" && asked.missingIn !== null && asked.missingIn === view?.epoch;
    asked.outcome = isMarked ? "marked" : "no mark";
  }

  /** A load of the partition clears all of its marks, when it begins and when it ends. */
  #forget(instance: number, partition: unknown): void {
    const own = this.#asked[instance];
    for (const [node, asked] of own ?? []) if (asked.partition === partition) own?.delete(node);
  }
}
