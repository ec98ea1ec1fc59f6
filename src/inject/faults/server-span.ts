/** Faults of the servers, which affect all instances: from the request to begin them until they have healed. */
import type { Fault } from "../../../scenarios/declare/fault-kinds.ts";
import type { FaultStep, HistoryEvent, InForce, Millis } from "../../check/history.ts";
import { isRefusal, refusalOf } from "../../check/marks.ts";
import { Beginning, declared, noEffect, noTarget, type Placed, type Step, spanSteps, untilMet } from "./step.ts";

/** Begins and ends one such fault. */
export interface Acts {
  /** @returns `noTarget` where there was nothing to inject the fault into: then it is not ended either. Like `end`, `noEffect` where it had no effect */
  readonly begin: () => Promise<unknown>;
  readonly end: () => Promise<unknown>;
  /** Whether the servers show the fault; called after `begin` and before `end`. Absent: `begin` and `end` return `noEffect` themselves. */
  readonly isInForce?: () => Promise<boolean>;
  /** Whether commands miss their timeouts while it is in force. */
  readonly cutsOff: boolean;
}

/** Timeout for effects that heal by themselves: the instance that heals one may be degraded. */
export const endsWithin = { timeout: 1_000, interval: 2 };

/** @param actsOf called when the fault begins: only then is it known which server it concerns */
export function serverSpan(placed: Placed<Fault>, places: readonly string[], actsOf: () => Acts): readonly Step[] {
  const { fault, world } = placed;
  const beginning = new Beginning();
  let acts: Acts | null = null;
  let occasion: Occasion | null = null;
  let hasBegun = false;
  return spanSteps(fault, places, {
    async inject() {
      acts = actsOf();
      occasion = new Occasion(placed);
      const { done, isSeen } = await step(placed, "inject", acts.cutsOff, acts.begin);
      if (done === null) return;
      beginning.record(done);
      hasBegun = isSeen && (acts.isInForce === undefined || (await acts.isInForce()));
    },
    async heal() {
      if (acts === null || beginning.at === null) return;
      await beginning.untilLasted("lasts" in fault ? fault.lasts : 0, world);
      const { cutsOff, end, isInForce } = acts;
      // A fault that heals by itself is over when it has healed and every instance has made a call meanwhile.
      const endsItself = async (): Promise<unknown> => {
        const result = await end();
        await occasion?.untilMet();
        return result;
      };
      if ("lasts" in fault) await occasion?.untilMet();
      const isThere = isInForce === undefined || (await isInForce());
      const to = isThere ? world.recorder.now() : beginning.at;
      const { isSeen } = await step(placed, "heal", cutsOff, "lasts" in fault ? end : endsItself);
      occasion?.[Symbol.dispose]();
      recordInForce(placed, hasBegun && isSeen ? { from: beginning.at, to } : { from: null, to: null });
    },
  });
}

function recordInForce({ fault, index, world }: Placed<Fault>, seen: Pick<InForce, "from" | "to">): void {
  const place = { fault: index, name: fault.kind, instance: null, link: "server" } as const;
  const met = seen.from === null ? 0 : 1;
  world.recorder.event({ kind: "in_force", at: world.recorder.now(), ...place, ...seen, met, seen_by: "server" });
}

/** @returns when it was done; null: there was nothing to inject the fault into */
async function step(
  { fault, index, world }: Placed<Fault>,
  which: FaultStep["step"],
  cuts_off: boolean,
  work: () => Promise<unknown>,
): Promise<{ readonly done: Millis | null; readonly isSeen: boolean }> {
  const { recorder } = world;
  const asked = recorder.now();
  const result = await work();
  const isSeen = result !== noEffect;
  if (result === noTarget) return { done: null, isSeen };
  const done = recorder.now();
  const place = { kind: "fault", fault: index, name: fault.kind, instance: null, link: "server" } as const;
  const declaration = which === "inject" ? declared(fault) : {};
  recorder.event({ ...place, step: which, cuts_off, asked, done, ...declaration });
  return { done, isSeen };
}

/** Whether each instance has made a call since the fault began, and one was refused where the fault refuses calls. */
class Occasion implements Disposable {
  readonly #placed: Placed<Fault>;
  readonly #callers = new Set<number>();
  readonly #stop: () => void;
  #isRefused: boolean;

  constructor(placed: Placed<Fault>) {
    this.#placed = placed;
    const { fault, world } = placed;
    const refusal = refusalOf[fault.kind];
    this.#isRefused = refusal === undefined;
    this.#stop = world.recorder.listen((event) => this.#look(event, refusal));
  }

  async untilMet(): Promise<void> {
    const { links, processes } = this.#placed.world;
    const isGone = (instance: number): boolean => processes[instance]?.status().mode === "gone";
    const haveCalled = () => links.every((_, instance) => this.#callers.has(instance) || isGone(instance));
    await untilMet(this.#placed.world, () => this.#isRefused && haveCalled());
  }

  #look(event: HistoryEvent, refusal: string | undefined): void {
    if (refusal !== undefined && isRefusal(event, refusal)) this.#isRefused = true;
    if (event.kind === "call" || event.kind === "store_call") this.#callers.add(event.instance);
  }

  [Symbol.dispose](): void {
    this.#stop();
  }
}
