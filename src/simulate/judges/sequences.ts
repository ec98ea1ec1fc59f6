/** V1: sequences grow by one within an epoch; an epoch never comes back; and nobody is told a version that the store has not reached. */
import { conclude, inMs, type Judgement } from "../../check/judgement.ts";
import { properties } from "../../check/properties.ts";
import { toPort } from "../servers/protocol-values.ts";
import type { ConfigStepped, Returned, SimEvent, Stepped } from "../trace/events.ts";
import { type OnlineJudge, Stories } from "./judge.ts";

export function judgeSequences(): OnlineJudge {
  return new Sequences();
}

class Sequences implements OnlineJudge {
  readonly property = "V1";
  readonly hears = ["stepped.but_polls", "config_stepped", "returned"] as const;
  readonly #stories = new Stories();
  /** Epoch -> the last sequence, and whose it is. */
  readonly #reached = new Map<string, { readonly partition: number; sequence: number }>();
  /** Epoch of the configuration -> the last sequence. */
  readonly #configs = new Map<string, number>();
  #changes = 0;

  on(event: SimEvent): void {
    if (event.kind === "stepped") this.#step(event);
    else if (event.kind === "config_stepped") this.#configured(event);
    else if (event.kind === "returned") this.#told(event);
  }

  finish(): Judgement {
    const { premise } = properties.V1;
    const exercised = this.#reached.size === 0 ? 0 : this.#changes;
    const measures = [{ name: "epochs_begun", value: this.#reached.size }];
    return conclude({ property: "V1", premise, exercised, violations: this.#stories.all, measures });
  }

  #step({ after, at, before, changes, command, partition }: Stepped): void {
    if (after.meta === before.meta || after.meta === null) return;
    this.#changes += changes.length;
    const { epoch, sequence } = toPort(after.meta);
    const isNew = before.meta?.epoch !== after.meta.epoch;
    const expected = (isNew ? 0 : (before.meta?.sequence ?? 0)) + changes.length;
    const known = this.#reached.get(epoch);
    if (isNew && known !== undefined) {
      this.#stories.add(() => [`epoch ${epoch} of partition ${partition} came back, allowed once`, `at ${inMs(at)}`]);
    }
    if (sequence !== expected) {
      this.#stories.add(() => [
        `partition ${partition} is at sequence ${sequence}, allowed ${expected} after ${changes.length} changes`,
        `epoch ${epoch}, ${command.kind} at ${inMs(at)}`,
      ]);
    }
    if (known === undefined) this.#reached.set(epoch, { partition, sequence });
    else known.sequence = Math.max(known.sequence, sequence);
  }

  /** Of the configuration only how far it has come is taken down: what a client may be told. */
  #configured({ after, before }: ConfigStepped): void {
    if (after.meta === null || after.meta === before.meta) return; // most of them only ask
    const { epoch, sequence } = toPort(after.meta);
    this.#configs.set(epoch, Math.max(sequence, this.#configs.get(epoch) ?? 0));
  }

  #told({ at, call }: Returned): void {
    const { node, op, version } = call;
    if (version === undefined) return; // whether it was so L1 and D4 tell
    const configured = op === "put_config" ? this.#configs.get(version.epoch) : undefined;
    const reached = configured ?? this.#reached.get(version.epoch)?.sequence;
    if (reached === undefined) {
      this.#stories.add(() => [
        `${op} ${node ?? ""} was answered with sequence ${version.sequence} of epoch ${JSON.stringify(version.epoch)}, which never began`,
        `at ${inMs(at)}`,
      ]);
      return;
    }
    if (version.sequence <= reached) return;
    this.#stories.add(() => [
      `${op} ${node ?? ""} was answered with sequence ${version.sequence} of epoch ${version.epoch}, the store reached ${reached}`,
      `at ${inMs(at)}`,
    ]);
  }
}
