/** V2: the views that an instance reports never go back in an epoch, unless the store may have lost what they show. */
import { type Version, versionText } from "../../../check/history.ts";
import type { FaultStep, ViewMoved } from "../../event.ts";
import type { Contradictions } from "../contradictions.ts";
import { keepsTheStore } from "../keeps-the-store.ts";

export class ShownViews {
  readonly #contradictions: Contradictions;
  /** By instance and partition. */
  readonly #last = new Map<string, Version>();
  /** Faults in force under which the store may lose data, and the epochs that were reported before or meanwhile. */
  #losing = 0;
  readonly #lossy = new Set<string>();

  constructor(contradictions: Contradictions) {
    this.#contradictions = contradictions;
  }

  fault({ name, step }: FaultStep): void {
    if (name === "instance_crash") this.#last.clear();
    if (keepsTheStore.has(name)) return;
    this.#losing += step === "inject" ? 1 : -1;
    for (const { epoch } of this.#last.values()) this.#lossy.add(epoch);
  }

  moved({ instance, partition, version }: ViewMoved): void {
    const key = `${instance} ${partition}`;
    const before = this.#last.get(key);
    this.#last.set(key, version);
    if (this.#losing > 0) this.#lossy.add(version.epoch);
    if (before?.epoch !== version.epoch || this.#lossy.has(version.epoch)) return;
    if (before.sequence <= version.sequence) return;
    const words = `instance ${instance} reported its view in version ${versionText(version)}, allowed ${versionText(before)} or later, which it had reported`;
    this.#contradictions.found("V2", [words], []);
  }
}
