/** P1: pool members are followed incrementally: no full reload without an epoch change or a trimmed feed. */
import { type Version, versionText } from "../../check/history.ts";
import { inMs, type Judgement } from "../../check/judgement.ts";
import type { Changed, JudgeEvent, Requested, ViewMoved } from "../event.ts";
import { Findings } from "../findings.ts";
import type { Case, Judge } from "../judge.ts";
import type { ChangeKind } from "../truth.ts";

type Reason = "cold_start" | "epoch" | "trim";

const ofMembers: ReadonlySet<ChangeKind> = new Set<ChangeKind>(["registered", "offline", "expired", "removed"]);

export function judgeReloads(theCase: Case): Judge {
  return new Reloads(theCase);
}

class Reloads implements Judge {
  readonly property = "P1";
  readonly hears = ["requested", "change", "view"] as const;
  readonly #case: Case;
  readonly #findings: Findings;
  readonly #counts: Record<Reason, number> = { cold_start: 0, epoch: 0, trim: 0 };
  /** By instance and partition. */
  readonly #views = new Map<string, Version>();
  /** The same: the version of its epoch that was loaded last. What came before it the instance did not follow. */
  readonly #loadedTo = new Map<string, number>();
  /** Those of which a load was asked for since the last one that was seen to end. */
  readonly #asked = new Set<string>();
  /** Changes of members, once for each instance that followed them. */
  #followed = 0;
  #loads = 0;

  constructor(theCase: Case) {
    this.#case = theCase;
    this.#findings = new Findings("P1", theCase.onViolation);
  }

  on(event: JudgeEvent): void {
    if (event.kind === "requested") {
      if (event.page === "first") this.#loaded(event);
    } else if (event.kind === "view") this.#moved(event);
    else if (event.kind === "change" && ofMembers.has(event.entry.kind)) this.#changed(event);
  }

  finish(): Judgement {
    return this.#findings.conclude({
      exercised: this.#followed,
      judged: this.#loads,
      measures: [
        { name: "reloads_after_epoch_change", value: this.#counts.epoch },
        { name: "reloads_after_trim", value: this.#counts.trim },
        { name: "reloads_without_cause", value: this.#findings.count, threshold: 0 },
      ],
    });
  }

  /** A view that was loaded, though nothing was seen to ask for it: such requests are missing in the record, which may show one load twice. */
  #moved({ by, instance, partition, version }: ViewMoved): void {
    const key = `${instance} ${partition}`;
    const before = this.#views.get(key);
    if (before?.epoch === version.epoch && version.sequence <= before.sequence) return;
    this.#views.set(key, version);
    if (by === "load" || before?.epoch !== version.epoch) this.#loadedTo.set(key, version.sequence);
    if (by !== "load") return;
    if (before !== undefined && !this.#asked.has(key) && this.#case.watched.has(instance)) this.#findings.unseen();
    this.#asked.delete(key);
  }

  #loaded({ at, instance, partition }: Requested): void {
    this.#loads += 1;
    this.#asked.add(`${instance} ${partition}`);
    const { scene, truth } = this.#case;
    const view = scene.view(instance, partition);
    const reason = this.#reasonFor(instance, partition, view, at);
    if (reason !== null) {
      this.#counts[reason] += 1;
      return;
    }
    // Where the instance was taken to what was not observed, it is not known whether it had to be.
    if (view !== null && truth.standing(view, Number.NEGATIVE_INFINITY, at) === "unseen") {
      this.#findings.unseen();
      return;
    }
    this.#findings.violate(() => [
      `instance ${instance} loaded partition ${partition} whole, allowed only after an epoch change or a trimmed feed`,
      `asked at ${inMs(at)}; its view was at ${view === null ? "nothing" : versionText(view)}, and the feed still had what came after`,
    ]);
  }

  /** null: nothing allowed it. */
  #reasonFor(instance: number, partition: number, view: Version | null, at: number): Reason | null {
    const { terms, truth } = this.#case;
    if (view === null) return "cold_start";
    // A version that the store never had is no reason.
    if (truth.standing(view, Number.NEGATIVE_INFINITY, at) === "never") return null;
    const line = truth.followedBy(instance, partition, at);
    if (line === undefined || line.epoch !== view.epoch) return "epoch";
    return line.last > view.sequence + terms.feedMax ? "trim" : null;
  }

  #changed({ entry: { sequence }, line: { epoch, partition } }: Changed): void {
    const { scene, watched } = this.#case;
    for (const instance of watched) {
      const loadedTo = this.#loadedTo.get(`${instance} ${partition}`) ?? 0;
      if (scene.view(instance, partition)?.epoch === epoch && sequence > loadedTo) this.#followed += 1;
    }
  }
}
