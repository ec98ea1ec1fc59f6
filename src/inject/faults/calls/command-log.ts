/** The commands that pass hops while a fault waits for one of them. */
import type { Fault } from "../../../../scenarios/declare/fault-kinds.ts";
import type { Hop } from "../../network/hop.ts";
import type { Placed } from "../step.ts";

export class CommandLog {
  readonly #hops: readonly Hop[];
  #before: readonly ReadonlyMap<string, number>[] = [];

  constructor(hops: readonly Hop[]) {
    this.#hops = hops;
  }

  begin(): void {
    this.#before = this.#hops.map(({ commands }) => commands.snapshot());
  }

  /** Records the commands since `begin`, for a fault that found nothing to act on. */
  record({ fault, index, world }: Placed<Fault>, instance: number): void {
    const commands: Record<string, number> = {};
    for (const [which, hop] of this.#hops.entries()) {
      const own = hop.commands.since(this.#before[which] ?? new Map());
      for (const [name, count] of Object.entries(own)) commands[name] = (commands[name] ?? 0) + count;
    }
    const at = world.recorder.now();
    world.recorder.event({ kind: "fault_missed", at, fault: index, name: fault.kind, instance, commands });
  }
}
