/**
 * V3: once faults heal and writes stop, every instance's view equals the store, in version and content, within the bound.
 */
import type { NodeRecord } from "../../../../model/partition/command.ts";
import type { Partition } from "../../../../model/partition/partition.ts";
import { conclude, inMs, type Judgement } from "../../../check/judgement.ts";
import { properties } from "../../../check/properties.ts";
import type { Millis, NodeState } from "../../../scheduler/ports.ts";
import type { Compared, Sighted, SimEvent } from "../../trace/events.ts";
import { type Case, type OnlineJudge, Stories } from "../judge.ts";
import { differenceFrom } from "./content.ts";

export function judgeConvergence(theCase: Case): OnlineJudge {
  return new Convergence(theCase);
}

class Convergence implements OnlineJudge {
  readonly property = "V3";
  readonly hears = ["phase", "stepped.but_polls", "compared", "sighted", "truth"] as const;
  readonly #case: Case;
  readonly #stories = new Stories();
  #quietAt: Millis = Number.NaN;
  #changedAt: Millis = Number.NEGATIVE_INFINITY;
  /** Instance -> since when it has equalled the store; null: it does not. */
  readonly #equalSince = new Map<number, Millis | null>();
  readonly #lastSeen = new Map<number, Compared>();
  readonly #truth = new Map<number, Partition>();
  #compared = 0;

  constructor(theCase: Case) {
    this.#case = theCase;
  }

  on(event: SimEvent): void {
    switch (event.kind) {
      case "phase":
        if (event.name === "quiet") this.#quietAt = event.at;
        break;
      case "stepped":
        if (event.after.meta !== event.before.meta) this.#changedAt = event.at;
        break;
      case "compared":
        this.#compare(event);
        break;
      case "truth":
        this.#truth.set(event.partition, event.state);
        break;
      case "sighted":
        if (Number.isNaN(this.#quietAt)) break;
        this.#look(event);
        break;
      default:
        break;
    }
  }

  finish(): Judgement {
    const { convergence } = this.#case;
    const times: Millis[] = [];
    for (const [instance, since] of this.#equalSince) {
      const took = since === null ? Number.POSITIVE_INFINITY : Math.max(0, since - this.#quietAt);
      if (since !== null) times.push(took);
      if (took > convergence) this.#stories.add(() => this.#late(instance, took));
    }
    const { premise } = properties.V3;
    const name = "time_to_convergence_ms_max";
    const measures = times.length === 0 ? [] : [{ name, value: Math.max(...times), threshold: convergence }];
    return conclude({ property: "V3", premise, exercised: this.#compared, violations: this.#stories.all, measures });
  }

  /** A view that is behind a change of this moment (a node expires, a lease lapses) is on its way, not astray. */
  #compare(event: Compared): void {
    this.#lastSeen.set(event.instance, event);
    const isEqual = event.mode === "normal" && differenceOf(event) === null;
    const since = this.#equalSince.get(event.instance) ?? null;
    if (isEqual) {
      this.#compared += event.store.length;
      this.#equalSince.set(event.instance, since ?? event.at);
      return;
    }
    const isFresh = since !== null && event.mode === "normal" && event.at - this.#changedAt <= this.#case.staleness;
    this.#equalSince.set(event.instance, isFresh ? since : null);
  }

  /** At the end, by content; a view of another version has been found by that already. */
  #look(event: Sighted): void {
    const held = new Set<string>();
    const shown = new Map(event.nodes.map((node) => [node.node, node]));
    for (const [partition, state] of this.#truth) {
      const view = event.views[partition];
      const { meta } = state;
      if (meta === null || view === undefined || view.sequence !== meta.sequence) return;
      for (const [node, record] of state.nodes) {
        held.add(node);
        this.#compareNode(event, partition, shown.get(node), node, record);
      }
    }
    const extra = event.nodes.find(({ node }) => !held.has(node));
    if (extra === undefined) return;
    this.#stories.add(() => [`instance ${event.instance} shows node ${extra.node}, which the store does not hold`]);
  }

  #compareNode(
    { at, instance }: Sighted,
    partition: number,
    found: NodeState | undefined,
    node: string,
    expected: NodeRecord,
  ): void {
    const differs = found === undefined ? "is not there" : differenceFrom(expected, found);
    if (differs === null) return;
    this.#stories.add(() => [
      `instance ${instance} shows node ${node} otherwise than the store at the same version: ${differs}`,
      `partition ${partition}, looked at ${inMs(at)}, after everything had healed`,
    ]);
  }

  #late(instance: number, took: Millis): readonly string[] {
    const last = this.#lastSeen.get(instance);
    const found = Number.isFinite(took) ? `equalled the store ${inMs(took)} after` : "never equalled the store after";
    const difference = last === undefined ? "never looked at" : (differenceOf(last) ?? "equal by then");
    return [
      `the view of instance ${instance} ${found} healing and the end of the load, allowed ${inMs(this.#case.convergence)}`,
      `last looked at ${inMs(last?.at ?? Number.NaN)}, mode ${last?.mode ?? "unknown"}: ${difference}`,
    ];
  }
}

function differenceOf({ store, views }: Compared): string | null {
  for (const [partition, version] of store.entries()) {
    const view = views[partition];
    const isSame = (view?.epoch ?? "") === (version?.epoch ?? "") && (view?.sequence ?? 0) === (version?.sequence ?? 0);
    if (isSame) continue;
    const held = view === undefined || view.epoch === "" ? "nothing" : `${view.epoch}:${view.sequence}`;
    const stored = version === null ? "nothing" : `${version.epoch}:${version.sequence}`;
    return `partition ${partition}: view at ${held}, store at ${stored}`;
  }
  return null;
}
