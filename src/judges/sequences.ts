/** V1: sequences grow by one within an epoch; an epoch never comes back, to no instance either; and no client is given a version that the store has not reached. */
import { inMs, type Judgement } from "../check/judgement.ts";
import type { Changed, EpochStarted, JudgeEvent, Reached, Returned } from "./event.ts";
import { Findings } from "./findings.ts";
import type { Case, Judge } from "./judge.ts";
import type { Truth } from "./truth.ts";
import { FollowedEpochs } from "./views/followed-epochs.ts";

export function judgeSequences(theCase: Case): Judge {
  return new Sequences(theCase);
}

class Sequences implements Judge {
  readonly property = "V1";
  readonly hears = ["epoch", "change", "reached", "returned", "view", "instance"] as const;
  readonly #truth: Truth;
  readonly #findings: Findings;
  readonly #followed: FollowedEpochs;
  /** Epoch -> the last sequence. */
  readonly #reached = new Map<string, number>();
  #changes = 0;
  #versions = 0;

  constructor({ onViolation, truth }: Case) {
    this.#truth = truth;
    this.#findings = new Findings("V1", onViolation);
    this.#followed = new FollowedEpochs(truth, this.#findings);
  }

  on(event: JudgeEvent): void {
    switch (event.kind) {
      case "epoch":
        this.#entered(event);
        break;
      case "change":
        this.#changed(event);
        break;
      case "reached":
        this.#compared(event);
        break;
      case "returned":
        this.#returned(event);
        break;
      case "view":
        this.#followed.moved(event);
        break;
      case "instance":
        if (event.state === "crashed") this.#followed.died(event.instance);
        break;
      default:
        break;
    }
  }

  finish(): Judgement {
    return this.#findings.conclude({
      exercised: this.#reached.size === 0 ? 0 : this.#changes,
      judged: this.#changes + this.#versions,
      measures: [
        { name: "epochs_begun", value: this.#reached.size },
        { name: "epochs_followed", value: this.#followed.compared },
      ],
    });
  }

  #entered({ at, from = 0, line: { epoch, partition } }: EpochStarted): void {
    if (!this.#reached.has(epoch)) this.#reached.set(epoch, from);
    else
      this.#findings.violate(() => [
        `epoch ${epoch} of partition ${partition} came back, allowed once`,
        `at ${inMs(at)}`,
      ]);
  }

  #changed({ at, entry, line }: Changed): void {
    this.#changes += 1;
    const before = this.#reached.get(line.epoch) ?? 0;
    this.#reached.set(line.epoch, entry.sequence);
    if (entry.sequence === before + 1) return;
    this.#findings.violate(() => [
      `the feed of partition ${line.partition} is at sequence ${entry.sequence}, allowed ${before + 1} after ${before}`,
      `epoch ${line.epoch}, ${entry.kind} of node ${entry.node} at ${inMs(at)}`,
    ]);
  }

  #compared({ at, line, sequence }: Reached): void {
    const allowed = this.#reached.get(line.epoch) ?? 0;
    if (sequence === allowed) return;
    this.#reached.set(line.epoch, sequence);
    this.#findings.violate(() => [
      `meta of partition ${line.partition} is at sequence ${sequence}, allowed ${allowed} by the changes so far`,
      `epoch ${line.epoch}, at ${inMs(at)}`,
    ]);
  }

  #returned({ at, call: { from, node = "", op, to, version } }: Returned): void {
    if (version === undefined) return; // whether it was so L1 and D4 judge
    const standing =
      op === "put_config" ? this.#truth.configured(version) : this.#truth.standing(version, from, to ?? at);
    if (standing === null) return;
    this.#versions += 1;
    if (standing === "unseen") this.#findings.unseen();
    if (standing !== "never") return;
    const last = this.#truth.line(version.epoch)?.last;
    const store = last === undefined ? "the store never had that epoch" : `the store reached ${last}`;
    this.#findings.violate(() => [
      `${op} ${node} was answered with sequence ${version.sequence} of epoch ${JSON.stringify(version.epoch)}, ${store}`,
      `at ${inMs(at)}`,
    ]);
  }
}
