/**
 * D4: an acknowledged write is not lost by the scheduler; what Redis itself lost is named by the epoch change that explains it, and nobody goes on
 * in the epoch in which it was lost. Nor does anybody acknowledge what is answered in an epoch that it has left: it is lost, and the change that
 * would name it has been told of already. A renewed lease is an acknowledged write too, and so is a configuration.
 *
 * An acknowledgement without a version has to be of a change that was made during the call; one whose version the store never had is of nothing.
 */
import { type Call, type Version, versionText } from "../../check/history.ts";
import { conclude, inMs, type Judgement } from "../../check/judgement.ts";
import { properties } from "../../check/properties.ts";
import type { Millis } from "../../scheduler/ports.ts";
import { partitionOf } from "../../scheduler/view/partition-of.ts";
import { toPort } from "../servers/protocol-values.ts";
import type { ConfigStepped, SimEvent, Stepped } from "../trace/events.ts";
import { Beats } from "./beats.ts";
import { pairKey } from "./job-key.ts";
import { type Case, type OnlineJudge, Stories } from "./judge.ts";
import { LeftEpochs } from "./left-epochs.ts";
import { Renewals } from "./renewals.ts";
import type { Scene } from "./scene.ts";
import type { EpochLine, Told } from "./truth.ts";

/** Which change a reply acknowledges. */
const acknowledges: Readonly<Record<string, { readonly reply: string; readonly change: Told["change"]["kind"] }>> = {
  register_node: { reply: "registered", change: "registered" },
  dispatch: { reply: "reserved", change: "reserved" },
  reserve_job: { reply: "reserved", change: "reserved" },
  complete_job: { reply: "completed", change: "completed" },
  release_job: { reply: "completed", change: "released" },
  offline_node: { reply: "offline", change: "offline" },
};

/** The store has been asked to hold a configuration, and what it said. */
interface Configured {
  readonly at: Millis;
  readonly instance: number;
  readonly reply: string;
  readonly version: Version;
}

/** Replies that say that the store holds what was asked for, whoever made it so. */
const isHeld: ReadonlySet<string> = new Set(["renewed", "already"]);

/** What was acknowledged in one epoch. */
interface Ledger {
  readonly line: EpochLine;
  readonly sequences: number[];
}

export function judgeAcknowledged(theCase: Case, scene: Scene): OnlineJudge {
  return new Acknowledgements(theCase, scene);
}

class Acknowledgements implements OnlineJudge {
  readonly property = "D4";
  readonly hears = [
    "returned",
    "stepped.but_polls",
    "config_stepped",
    "instance",
    "server",
    "scheduler.resynced",
  ] as const;
  readonly #instances: number;
  readonly #partitions: number;
  readonly #scene: Scene;
  readonly #stories = new Stories();
  readonly #ledgers = new Map<EpochLine, Ledger>();
  /** Node and job -> the earliest epoch in which it was completed. */
  readonly #completed = new Map<string, EpochLine>();
  readonly #beats = new Beats();
  readonly #configured: Configured[] = [];
  readonly #left: LeftEpochs;
  readonly #renewals: Renewals;
  #writes = 0;

  constructor({ instances, partitions, settings }: Case, scene: Scene) {
    this.#instances = instances;
    this.#partitions = partitions;
    this.#scene = scene;
    this.#left = new LeftEpochs(instances);
    this.#renewals = new Renewals(scene, settings.lease);
  }

  on(event: SimEvent): void {
    switch (event.kind) {
      case "returned":
        this.#returned(event.call);
        break;
      case "stepped":
        this.#renewals.on(event);
        this.#beats.on(event);
        this.#step(event);
        break;
      case "config_stepped":
        this.#configStep(event);
        break;
      case "server":
        this.#renewals.on(event);
        break;
      case "instance":
      case "scheduler":
        this.#left.on(event);
        break;
      default:
        break;
    }
  }

  finish(): Judgement {
    const { premise } = properties.D4;
    let left = 0;
    let lost = 0;
    for (const { line, sequences } of this.#ledgers.values()) {
      const next = this.#scene.truth.of(line.partition)[line.order + 1];
      if (next === undefined) continue;
      left += sequences.length;
      const kept = next.follows?.epoch === line.epoch ? next.follows.sequence : 0;
      const gone = sequences.filter((sequence) => sequence > kept).length;
      lost += gone;
      if (gone > 0) this.#silent(line, gone);
    }
    this.#renewals.tell(this.#stories);
    const { outlived } = this.#renewals;
    return conclude({
      property: "D4",
      premise,
      exercised: left + outlived,
      violations: this.#stories.all,
      measures: [
        { name: "acknowledged_writes", value: this.#writes },
        { name: "lost_with_a_named_epoch_change", value: lost },
        { name: "jobs_that_outlived_a_lease", value: outlived },
      ],
    });
  }

  #step({ changes, partition, server }: Stepped): void {
    for (const change of changes) {
      if (change.kind !== "completed") continue;
      const key = pairKey(change.node, change.job);
      const line = this.#scene.truth.current(server, partition);
      const known = this.#completed.get(key);
      // In a world that is split it may have been completed in the later epoch first.
      if (line !== undefined && (known === undefined || line.order < known.order)) this.#completed.set(key, line);
    }
  }

  #returned(call: Call): void {
    const { op, outcome, reply, to, version } = call;
    if (to === null || outcome !== "ok") return;
    const acknowledged = acknowledges[op];
    const kind = acknowledged?.reply === reply ? acknowledged.change : undefined;
    if (version !== undefined && op !== "put_config" && (kind !== undefined || isHeld.has(reply)))
      this.#inTime(call, version);
    if (op === "heartbeat" && isHeld.has(reply)) this.#beaten(call, to);
    if (op === "put_config" && (reply === "stored" || reply === "already")) this.#put(call, to);
    if (kind === undefined) return;
    this.#writes += 1;
    const made = version === undefined ? this.#madeDuring(call, kind, to) : this.#madeAt(call, kind, version);
    if (made === null) {
      this.#tellAbsent(call);
      return;
    }
    const { line, sequence } = made;
    const ledger = this.#ledgers.get(line) ?? { line, sequences: [] };
    if (ledger.sequences.length === 0) this.#ledgers.set(line, ledger);
    ledger.sequences.push(sequence);
  }

  #tellAbsent({ from, instance, job, node, op, reply, to, version }: Call): void {
    const at = version === undefined ? "without a version" : `at ${versionText(version)}`;
    this.#stories.add(() => [
      `${op} of ${job ?? ""} on node ${node ?? ""} was acknowledged ${at} and is not in the store, allowed only after an epoch change`,
      `answered ${reply} to a client of instance ${instance} at ${inMs(to ?? from)}`,
    ]);
  }

  /** @returns the change that has the version, where it is the one that was asked for */
  #madeAt(call: Call, kind: Told["change"]["kind"], { epoch, sequence }: Version) {
    const line = this.#scene.truth.line(epoch);
    return line !== undefined && sequence <= line.last && this.#isThere(call, kind, line, sequence)
      ? { line, sequence }
      : null;
  }

  /** @returns a change during the call that is the one that was asked for */
  #madeDuring(call: Call, kind: Told["change"]["kind"], to: Millis) {
    const { from, node = "" } = call;
    const lines = this.#scene.truth.of(partitionOf(node, this.#partitions));
    for (const line of lines) {
      for (const { at, sequence } of line.since(node, from)) {
        if (at <= to && this.#isThere(call, kind, line, sequence)) return { line, sequence };
      }
    }
    const last = lines.find((line) => kind === "completed" && this.#isThere(call, kind, line, line.last));
    return last === undefined ? null : { line: last, sequence: last.last };
  }

  #beaten(call: Call, to: Millis): void {
    this.#writes += 1;
    const version = this.#beats.behind(call, to);
    if (version === null) this.#tellAbsent(call);
    else if (call.reply === "renewed") this.#renewals.renewed({ ...call, version: call.version ?? version });
  }

  #configStep({ after, at, command, instance, reply }: ConfigStepped): void {
    if (command.kind !== "put_config" || after.meta === null) return;
    this.#configured.push({ at, instance, reply: reply.kind, version: toPort(after.meta) });
  }

  #put(call: Call, to: Millis): void {
    const { from, instance, reply, version } = call;
    this.#writes += 1;
    const isRun = this.#configured.some(
      (one) =>
        one.instance === instance &&
        one.reply === reply &&
        one.at >= from &&
        one.at <= to &&
        (version === undefined || versionText(one.version) === versionText(version)),
    );
    if (!isRun) this.#tellAbsent(call);
  }

  /** What is told after its epoch was left nobody will name. */
  #inTime({ from, instance, job, node, op, reply, to }: Call, version: Version): void {
    const leftAt = this.#left.leftAt(instance, version);
    if (leftAt === null) return;
    this.#stories.add(() => [
      `${op} of ${job ?? ""} on node ${node} was acknowledged at ${versionText(version)} by instance ${instance}, which had left that epoch, allowed is only to say that it may be lost`,
      `asked at ${inMs(from)}, told ${reply} at ${inMs(to ?? from)}; the epoch was left at ${inMs(leftAt)}`,
    ]);
  }

  #isThere({ job, node }: Call, kind: Told["change"]["kind"], line: EpochLine, sequence: number): boolean {
    const told = line.entry(sequence);
    if (told?.change.kind === kind && told.node === node && (!("job" in told.change) || told.change.job === job)) {
      return true;
    }
    if (kind !== "completed") return false;
    // A completion that is repeated is answered with the version of that moment, later than its own.
    const first = this.#completed.get(pairKey(node ?? "", job ?? ""));
    return first !== undefined && first.order <= line.order;
  }

  /** An instance that goes on in an epoch whose writes are lost has said nothing of the loss. */
  #silent(line: EpochLine, lost: number): void {
    const { epoch, partition } = line;
    for (let instance = 0; instance < this.#instances; instance += 1) {
      if (this.#scene.view(instance, partition)?.epoch !== epoch) continue;
      // The other side of a split may have begun its epoch later, and it is that side which is gone.
      if (this.#scene.followedBy(instance, partition) === line) continue;
      this.#stories.add(() => [
        `instance ${instance} never left epoch ${epoch} of partition ${partition}, of which ${lost} acknowledged writes are lost, allowed is to name the loss`,
      ]);
    }
  }
}
