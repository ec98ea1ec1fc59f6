/** N1: an older heartbeat, or one of a former life, never overwrites a newer state. */
import type { Call } from "../../check/history.ts";
import { conclude, inMs, type Judgement } from "../../check/judgement.ts";
import { properties } from "../../check/properties.ts";
import type { Millis } from "../../scheduler/ports.ts";
import { epochText, lifeText } from "../servers/epoch-text.ts";
import type { SimEvent, Stepped } from "../trace/events.ts";
import { pairKey } from "./job-key.ts";
import { type Case, type OnlineJudge, Stories } from "./judge.ts";
import type { Scene } from "./scene.ts";

/** The furthest heartbeat of one life in one epoch that a client was told had been taken. */
interface Taken {
  readonly seq: number;
  readonly at: Millis;
}

const taken: ReadonlySet<string> = new Set(["renewed", "already"]);

export function judgeLateHeartbeats(_case: Case, scene: Scene): OnlineJudge {
  return new LateHeartbeats(scene);
}

class LateHeartbeats implements OnlineJudge {
  readonly property = "N1";
  readonly hears = ["stepped.but_polls", "returned"] as const;
  readonly #scene: Scene;
  readonly #stories = new Stories();
  /** By life and epoch, each further than the one before. */
  readonly #taken = new Map<string, Taken[]>();
  #older = 0;
  #former = 0;

  constructor(scene: Scene) {
    this.#scene = scene;
  }

  on(event: SimEvent): void {
    if (event.kind === "stepped" && event.command.kind === "heartbeat") this.#step(event, event.command);
    else if (event.kind === "returned" && event.call.op === "heartbeat") this.#returned(event.call);
  }

  finish(): Judgement {
    const { premise } = properties.N1;
    return conclude({
      property: "N1",
      premise,
      exercised: this.#older + this.#former,
      violations: this.#stories.all,
      measures: [{ name: "of_a_former_life", value: this.#former }],
    });
  }

  /** At the store: what it holds of a life never goes back. */
  #step(
    { after, at, before, instance, request }: Stepped,
    { incarnation, node, seq }: Extract<Stepped["command"], { kind: "heartbeat" }>,
  ): void {
    const held = before.nodes.get(node);
    if (held === undefined) return;
    const { epoch, sequence } = held.incarnation;
    const isFormer = epoch !== incarnation.epoch || sequence !== incarnation.sequence;
    if (isFormer) this.#former += 1;
    else if (seq < held.heartbeatSeq) this.#older += 1;
    else return;
    const record = after.nodes.get(node);
    if (record?.heartbeatSeq === held.heartbeatSeq && record.healthMilli === held.healthMilli) return;
    this.#stories.add(() => [
      `a heartbeat of node ${node} with seq ${seq} of life ${epochText(incarnation.epoch)}:${incarnation.sequence} was taken, allowed is refusal: the node was at seq ${held.heartbeatSeq} of life ${epochText(epoch)}:${sequence}`,
      `request ${request} of instance ${instance} at ${inMs(at)}`,
    ]);
  }

  /** At the client: for whom it spoke, and what it was told. */
  #returned(call: Call): void {
    const { incarnation, node = "", reply, seq = 0, to, version } = call;
    if (version === undefined || to === null || incarnation === undefined || !taken.has(reply)) return;
    const line = this.#scene.truth.line(version.epoch);
    const record = line?.recordAt(node, version.sequence) ?? null;
    const life = record === null ? "none" : lifeText(record.incarnation);
    if (reply === "renewed" && life !== incarnation) {
      this.#tell(call, `it is of the life ${incarnation}, and the node was in the life ${life} then`);
    }
    const key = pairKey(node, incarnation) + version.epoch;
    const own = this.#taken.get(key) ?? [];
    if (own.length === 0) this.#taken.set(key, own);
    const before = own.findLast(({ at }) => at < call.from);
    if (reply === "renewed" && before !== undefined && before.seq >= seq) {
      this.#tell(call, `seq ${before.seq} of that life had been answered at ${inMs(before.at)}`);
    }
    if (seq > (own.at(-1)?.seq ?? -1)) own.push({ seq, at: to });
  }

  #tell({ from, instance, node, reply, seq }: Call, why: string): void {
    this.#stories.add(() => [
      `a heartbeat of node ${node} with seq ${seq} was taken, allowed is refusal: ${why}`,
      `sent by instance ${instance} at ${inMs(from)}, answered ${reply}`,
    ]);
  }
}
