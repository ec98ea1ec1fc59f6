/**
 * D4: an acknowledged write is not lost by the scheduler; what Redis itself lost is named by the epoch change that explains it, and no instance goes on
 * in the epoch in which it was lost. Nor does an instance acknowledge what is answered in an epoch that it has left: it is lost, and the change that
 * would name it is past. Heartbeats and configurations are acknowledged writes too.
 */
import { type Millis, type Version, versionText } from "../../check/history.ts";
import { inMs, type Judgement } from "../../check/judgement.ts";
import type { JudgeEvent, PhaseBegun } from "../event.ts";
import { Findings } from "../findings.ts";
import type { Case, Judge } from "../judge.ts";
import type { Blame } from "../timing.ts";
import type { EpochLine } from "../truth.ts";
import { AbandonedEpochs } from "./abandoned-epochs.ts";
import { type Answered, acknowledging, changeOf, isAnswered, isMadeBy, isSo } from "./acknowledgement.ts";
import { LostHeartbeats } from "./lost-heartbeats.ts";
import { type Made, Unversioned } from "./unversioned.ts";

/** A change that was acknowledged in one epoch. */
interface Entered {
  readonly sequence: number;
  readonly node: string;
}

export function judgeAcknowledged(theCase: Case): Judge {
  return new Acknowledgements(theCase);
}

class Acknowledgements implements Judge {
  readonly property = "D4";
  readonly hears = ["returned", "view", "node", "change", "phase"] as const;
  readonly operations = acknowledging;
  readonly #case: Case;
  readonly #findings = new Findings("D4");
  readonly #ledgers = new Map<EpochLine, Entered[]>();
  readonly #left: AbandonedEpochs;
  readonly #heartbeats: LostHeartbeats;
  /** Without a version, in the order of their ends. */
  readonly #unversioned: Answered[] = [];
  readonly #partitions = new Map<string, number>();
  readonly #phases = new Map<PhaseBegun["name"], Millis>();
  #acknowledged = 0;

  constructor(theCase: Case) {
    this.#case = theCase;
    this.#left = new AbandonedEpochs(theCase);
    this.#heartbeats = new LostHeartbeats(theCase, this.#findings);
  }

  on(event: JudgeEvent): void {
    switch (event.kind) {
      case "returned":
        if (changeOf(event.call) !== undefined && isAnswered(event.call)) this.#answered(event.call);
        break;
      case "view":
        this.#left.on(event);
        break;
      case "node":
        this.#heartbeats.seen(event);
        break;
      case "change":
        this.#partitions.set(event.entry.node, event.line.partition);
        break;
      case "phase":
        this.#phases.set(event.name, event.at);
        break;
      default:
        break;
    }
  }

  finish(): Judgement {
    this.#explainUnversioned();
    let [left, lost] = [0, 0];
    for (const [line, entered] of this.#ledgers) {
      const next = this.#case.truth.of(line.partition)[line.order + 1];
      if (next === undefined) continue;
      left += entered.length;
      const gone = entered.filter((one) => isGone(one, line, this.#case.truth.of(line.partition))).length;
      lost += gone;
      if (gone > 0) this.#silent(line, next, gone);
    }
    return this.#findings.conclude({
      exercised: left,
      judged: this.#acknowledged,
      // An instance that was kept from the store says nothing of any loss.
      isOpen: !this.#findings.isSettled,
      open: "the machine kept an instance from the store until the run was over",
      measures: [
        { name: "acknowledged_writes", value: this.#acknowledged },
        { name: "lost_with_a_named_epoch_change", value: lost },
        { name: "heartbeats_compared", value: this.#heartbeats.compared },
      ],
    });
  }

  #answered(call: Answered): void {
    const { op, to, version } = call;
    this.#acknowledged += 1;
    const run = op === "heartbeat" || op === "put_config" ? this.#case.truth.run(call) : undefined;
    if (run === null) this.#absent(call);
    if (op === "put_config") return;
    if (op === "heartbeat") this.#heartbeats.answered(call, to);
    if (version !== undefined) this.#versioned(call, version);
    else if (run === undefined) this.#unversioned.push(call);
  }

  #versioned(call: Answered, version: Version): void {
    const { from, to } = call;
    const { truth } = this.#case;
    const leftAt = this.#left.leftBefore(call, to, version);
    if (leftAt !== null) this.#late(call, version, leftAt);
    const standing = truth.standing(version, from, to);
    if (standing === "unseen") this.#findings.unseen();
    if (standing === "never") this.#never(call, version);
    const line = truth.line(version.epoch);
    if (standing !== "held" || line === undefined || changeOf(call) === null) return;
    const entry = line.entry(version.sequence);
    const isThere = isSo(call, line, version.sequence) === true && call.op === "complete_job";
    if (isThere || (entry !== undefined && isMadeBy(call, entry)))
      this.#enter(call, { line, sequence: version.sequence });
    else if (entry === undefined) this.#findings.unseen();
    else this.#absent(call);
  }

  #enter({ node = "" }: Answered, { line, sequence }: Made): void {
    const own = this.#ledgers.get(line);
    if (own === undefined) this.#ledgers.set(line, [{ sequence, node }]);
    else own.push({ sequence, node });
  }

  #explainUnversioned(): void {
    if (this.#unversioned.length === 0) return;
    const replies = new Unversioned(this.#case, (node) => this.#partitions.get(node));
    for (const [line, entered] of this.#ledgers) for (const { sequence } of entered) replies.claim({ line, sequence });
    for (const call of this.#unversioned.splice(0)) {
      const made = replies.explain(call);
      if (made === null) this.#absent(call);
      else if (made === "unseen") this.#findings.unseen();
      else if (made !== "state") this.#enter(call, made);
    }
  }

  #never(call: Answered, version: Version): void {
    this.#tell(call, `at ${versionText(version)}, which the store never had`);
  }

  #absent(call: Answered): void {
    const { version } = call;
    this.#tell(
      call,
      version === undefined
        ? "without a version, and nothing that the store was meanwhile explains it"
        : `at ${versionText(version)} and is not in the store, allowed only after an epoch change`,
    );
  }

  /** Reports a write that was acknowledged after its epoch was left: no instance will name its loss. */
  #late(call: Answered, version: Version, leftAt: Millis): void {
    const { instance } = call;
    this.#tell(
      call,
      `at ${versionText(version)} by instance ${instance}, which had left that epoch, allowed is only to say that it may be lost`,
      `; the epoch was left at ${inMs(leftAt)} at the latest`,
    );
  }

  #tell({ from, id, instance, job = "", node, op, reply, to }: Answered, how: string, more = ""): void {
    this.#findings.violate(
      () => [
        `${op} of ${job} on node ${node} was acknowledged ${how}`,
        `asked at ${inMs(from)}, answered ${reply} to a client of instance ${instance} at ${inMs(to)}${more}`,
      ],
      [id],
    );
  }

  /** An instance that goes on in an epoch whose writes are lost has said nothing of the loss. */
  #silent(line: EpochLine, next: EpochLine, lost: number): void {
    const { instances, scene, truth } = this.#case;
    const { epoch, partition } = line;
    for (let instance = 0; instance < instances; instance += 1) {
      if (scene.view(instance, partition)?.epoch !== epoch) continue;
      // The other side of a split may have begun its epoch later, and it is that side which is gone.
      if (truth.followedBy(instance, partition, Infinity)?.epoch === epoch) continue;
      this.#findings.late(this.#blameFor(instance, next), false, () => [
        `instance ${instance} never left epoch ${epoch} of partition ${partition}, of which ${lost} acknowledged writes are lost, allowed is to name the loss`,
      ]);
    }
  }

  /** One that is degraded when the run is over may only not have learned of it, within the time that views have for it. */
  #blameFor(instance: number, next: EpochLine): Blame {
    const { bounds, scene, timing } = this.#case;
    const end = this.#phases.get("end");
    if (end === undefined || scene.mode(instance) === "normal") return "instance";
    const from = Math.max(this.#phases.get("healed") ?? Number.NEGATIVE_INFINITY, next.begunAt);
    return timing.blameForSilence(end - from - bounds.convergence, from, end, instance);
  }
}

/**
 * It is beyond what a server that took over holds of its epoch; where that was not seen: its node is not there any longer, or in another life, where the
 * next epoch began.
 */
function isGone({ node, sequence }: Entered, line: EpochLine, lines: readonly EpochLine[]): boolean {
  const next = lines[line.order + 1];
  if (next === undefined) return false;
  const heir = lines.find(({ follows }) => follows?.epoch === line.epoch);
  if (heir?.follows) return sequence > heir.follows.sequence;
  if (next.follows !== undefined) return true; // it goes on from elsewhere
  return !next.at(node, 0);
}
