/** Faults of the servers, which meet all instances: from the request to begin them until they have healed. */
import { endOf, type Fault } from "../../../scenarios/declare/fault-kinds.ts";
import type { FaultStep, HistoryEvent, InForce, Millis } from "../../check/history.ts";
import { refusalOf } from "../../check/marks.ts";
import { Beginning, declared, metNobody, notSeen, type Placed, type Step, untilMet } from "./step.ts";

/** The two ends of one such fault. */
export interface Acts {
  /** @returns `metNobody` where there was nobody to do it to: then it does not end either. Like `end`, `notSeen` where it has had no effect */
  readonly begin: () => Promise<unknown>;
  readonly end: () => Promise<unknown>;
  /** Whether the servers show it: asked when it has begun, and when it is to end. Absent: `begin` and `end` say `notSeen` themselves. */
  readonly isInForce?: () => Promise<boolean>;
  /** Whether commands can be answered within their deadlines while it is in force. */
  readonly cutsOff: boolean;
}

/** @param actsOf asked when it begins: which server it is done to is known only then */
export function serverSpan(placed: Placed<Fault>, places: readonly string[], actsOf: () => Acts): readonly Step[] {
  const { fault, world } = placed;
  const beginning = new Beginning();
  let acts: Acts | null = null;
  let occasion: Occasion | null = null;
  let hasBegun = false;
  return [
    {
      at: fault.at,
      does: "inject",
      places,
      async run() {
        acts = actsOf();
        occasion = new Occasion(placed);
        const { done, isSeen } = await step(placed, "inject", acts.cutsOff, acts.begin);
        if (done === null) return;
        beginning.came(done);
        hasBegun = isSeen && (acts.isInForce === undefined || (await acts.isInForce()));
      },
    },
    {
      at: endOf(fault),
      does: "heal",
      places,
      async run() {
        if (acts === null || beginning.at === null) return;
        await beginning.untilLasted("lasts" in fault ? fault.lasts : 0, world);
        const { cutsOff, end, isInForce } = acts;
        // What ends by itself is over when it has ended and everybody has asked for something meanwhile.
        const endsItself = async (): Promise<unknown> => {
          const said = await end();
          await occasion?.untilMet();
          return said;
        };
        if ("lasts" in fault) await occasion?.untilMet();
        const isThere = isInForce === undefined || (await isInForce());
        const to = isThere ? world.recorder.now() : beginning.at;
        const { isSeen } = await step(placed, "heal", cutsOff, "lasts" in fault ? end : endsItself);
        occasion?.[Symbol.dispose]();
        tellSeen(placed, hasBegun && isSeen ? { from: beginning.at, to } : { from: null, to: null });
      },
    },
  ];
}

function tellSeen({ fault, index, world }: Placed<Fault>, seen: Pick<InForce, "from" | "to">): void {
  const place = { fault: index, name: fault.kind, instance: null, link: "server" } as const;
  const met = seen.from === null ? 0 : 1;
  world.recorder.event({ kind: "in_force", at: world.recorder.now(), ...place, ...seen, met, seen_by: "server" });
}

/** @returns when it was done; null: there was nobody to do it to */
async function step(
  { fault, index, world }: Placed<Fault>,
  which: FaultStep["step"],
  cuts_off: boolean,
  work: () => Promise<unknown>,
): Promise<{ readonly done: Millis | null; readonly isSeen: boolean }> {
  const { recorder } = world;
  const asked = recorder.now();
  const said = await work();
  const isSeen = said !== notSeen;
  if (said === metNobody) return { done: null, isSeen };
  const done = recorder.now();
  const place = { kind: "fault", fault: index, name: fault.kind, instance: null, link: "server" } as const;
  const told = which === "inject" ? declared(fault) : {};
  recorder.event({ ...place, step: which, cuts_off, asked, done, ...told });
  return { done, isSeen };
}

/** Whether each instance has asked for something since the fault began, and one was refused where the fault refuses. */
class Occasion implements Disposable {
  readonly #placed: Placed<Fault>;
  readonly #asked = new Set<number>();
  readonly #stop: () => void;
  #isRefused: boolean;

  constructor(placed: Placed<Fault>) {
    this.#placed = placed;
    const { fault, world } = placed;
    const refusal = refusalOf[fault.kind];
    this.#isRefused = refusal === undefined || world.tellsNoStoreCalls === true;
    this.#stop = world.recorder.listen((event) => this.#look(event, refusal));
  }

  async untilMet(): Promise<void> {
    const { links, processes } = this.#placed.world;
    const isGone = (instance: number): boolean => processes[instance]?.status().mode === "gone";
    const haveAsked = () => links.every((_, instance) => this.#asked.has(instance) || isGone(instance));
    await untilMet(this.#placed.world, () => this.#isRefused && haveAsked());
  }

  #look(event: HistoryEvent, refusal: string | undefined): void {
    if (event.kind === "store_call" && event.outcome === refusal) this.#isRefused = true;
    if (event.kind === "call" || event.kind === "store_call") this.#asked.add(event.instance);
  }

  [Symbol.dispose](): void {
    this.#stop();
  }
}
