/** How the share grows: by stages, each earned by what was compared since the last, and back at any time. */
import { SettingsError } from "../errors.ts";
import { inRange } from "./ranges.ts";
import type { Side } from "./registry.ts";
import { everyKey, type Share, sideOf } from "./switch.ts";

export interface StageSettings {
  /** The shares, growing; the move begins with none. */
  readonly shares: readonly Share[];
  readonly salt: string;
  /** Fewer comparisons since the last stage prove nothing, so the next one has to wait. */
  readonly minCompared: number;
  /** The share of comparisons that may differ, 0 to 1. */
  readonly maxDiffering: number;
  /** Nodes that may still wait for reconciliation. Above 0 the switch may move keys of which the new leader lacks acknowledged writes. */
  readonly maxBacklog: number;
}

const stageSettings: StageSettings = {
  shares: [100, 500, 2_500, 5_000, everyKey],
  salt: "lockproof",
  minCompared: 1_000,
  maxDiffering: 0.001,
  maxBacklog: 0,
};

/** Counts since the beginning, never reset; what a stage is judged by is the difference. */
export interface Proof {
  readonly compared: number;
  readonly differing: number;
  readonly backlog: number;
}

export type Advance =
  | { readonly kind: "advanced"; readonly share: Share }
  | { readonly kind: "refused"; readonly because: "killed" | "last_stage" | "too_few_compared" }
  | {
      readonly kind: "refused";
      readonly because: "differences" | "backlog";
      readonly found: number;
      readonly allowed: number;
    };

export class Stages {
  readonly #settings: StageSettings;
  /** How many of the shares have been reached. */
  #reached = 0;
  #since: Proof = { compared: 0, differing: 0, backlog: 0 };
  #killed: string | null = null;

  /** @throws SettingsError */
  constructor(settings: Partial<StageSettings> = {}) {
    this.#settings = checked({ ...stageSettings, ...settings });
  }

  get share(): Share {
    if (this.#killed !== null) return 0;
    return this.#settings.shares[this.#reached - 1] ?? 0;
  }

  /** Why the switch was killed; null while it is not. */
  get killed(): string | null {
    return this.#killed;
  }

  leadOf(key: string): Side {
    return sideOf(key, this.#settings.salt, this.share);
  }

  /** The next stage, if what was seen since the last change of the share allows it; a refusal changes nothing. */
  advance(proof: Proof): Advance {
    const { maxBacklog, maxDiffering, minCompared, shares } = this.#settings;
    if (this.#killed !== null) return { kind: "refused", because: "killed" };
    const share = shares[this.#reached];
    if (share === undefined) return { kind: "refused", because: "last_stage" };
    const compared = proof.compared - this.#since.compared;
    const differing = proof.differing - this.#since.differing;
    if (compared < minCompared) return { kind: "refused", because: "too_few_compared" };
    if (differing > compared * maxDiffering) {
      return { kind: "refused", because: "differences", found: differing / compared, allowed: maxDiffering };
    }
    if (proof.backlog > maxBacklog) {
      return { kind: "refused", because: "backlog", found: proof.backlog, allowed: maxBacklog };
    }
    this.#reached++;
    this.#since = proof;
    return { kind: "advanced", share };
  }

  /** One stage back; what was seen until now counts no longer. */
  retreat(proof: Proof): Share {
    this.#reached = Math.max(0, this.#reached - 1);
    this.#since = proof;
    return this.share;
  }

  /** Every key is the legacy's at once. The stage that was reached is forgotten: the way up begins anew after `rearm`. */
  kill(because: string): void {
    this.#killed ??= because;
    this.#reached = 0;
  }

  rearm(proof: Proof): void {
    this.#killed = null;
    this.#since = proof;
  }
}

const most = Number.MAX_SAFE_INTEGER;

function checked(settings: StageSettings): StageSettings {
  const { shares } = settings;
  const grow = shares.every((share, index) => share > (shares[index - 1] ?? 0) && share <= everyKey);
  if (!grow || !shares.every(Number.isInteger) || shares.length === 0) {
    const allowed = `growing integers from 1 to ${everyKey}, at least one`;
    const fix = "give them in hundredths of a percent";
    throw new SettingsError({ where: "stages.shares", found: `[${shares.join(", ")}]`, allowed, fix });
  }
  return inRange("stages", settings, { minCompared: [1, most], maxDiffering: [0, 1], maxBacklog: [0, most] });
}
