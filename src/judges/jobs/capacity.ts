/** J2: a reserve never takes a node past its capacity; and only a node without a free place is said to be full. */
import { whyNotCounts } from "../../check/content.ts";
import { type Call, type Millis, type NodeContent, type Version, versionText } from "../../check/history.ts";
import { inMs, type Judgement } from "../../check/judgement.ts";
import type { Changed, JobServed, JudgeEvent, NodeFull, NodeSeen, Returned } from "../event.ts";
import { Findings } from "../findings.ts";
import type { Case, Judge } from "../judge.ts";
import type { EpochLine, HeldNode, LineEntry, Places, Truth } from "../truth.ts";

/** The state of a node, as far as its capacity is concerned. */
interface State {
  readonly record: HeldNode | null | undefined;
  readonly places: Places | undefined;
}

export function judgeCapacity(theCase: Case): Judge {
  return new Capacity(theCase);
}

class Capacity implements Judge {
  readonly property = "J2";
  readonly hears = ["change", "node", "job_served", "node_full", "returned"] as const;
  readonly #truth: Truth;
  readonly #partitions: number;
  readonly #findings: Findings;
  /** Where no refusal is observed: reservations that took the last place of a node. The next one has to be refused. */
  readonly #isStoreAlone: boolean;
  #filled = 0;
  /** Refusals that were compared with the store, at the store and at the client, and those of full nodes among them. */
  readonly #refusals = { atStore: 0, atClient: 0 };
  readonly #full = { atStore: 0, atClient: 0 };

  constructor({ isStoreAlone, onViolation, partitions, truth }: Case) {
    this.#truth = truth;
    this.#partitions = partitions;
    this.#isStoreAlone = isStoreAlone === true;
    this.#findings = new Findings("J2", onViolation);
  }

  on(event: JudgeEvent): void {
    switch (event.kind) {
      case "change":
        if (event.entry.kind === "reserved") this.#reserved(event);
        break;
      case "node":
        this.#seen(event);
        break;
      case "job_served":
        if (event.script === "reserve_job" && event.reply === "full") this.#served(event);
        break;
      case "node_full":
        this.#heard(event);
        break;
      case "returned":
        this.#returned(event);
        break;
      default:
        break;
    }
  }

  finish(): Judgement {
    const { atClient, atStore } = this.#full;
    if (this.#isStoreAlone) {
      const premise = "a reservation took the last place of a node";
      return this.#findings.conclude({ exercised: this.#filled, premise });
    }
    return this.#findings.conclude({
      exercised: Math.max(atStore, atClient),
      measures: [{ name: "refusals_compared", value: Math.max(this.#refusals.atStore, this.#refusals.atClient) }],
    });
  }

  #reserved({ at, entry }: Changed): void {
    const { job, node, places, record, sequence } = entry;
    if (!record || places === undefined) return;
    if (places.size === record.maxJobs) this.#filled += 1;
    if (places.size <= record.maxJobs) return;
    this.#findings.violate(() => [
      `job ${job} took node ${node} to ${places.size} jobs, allowed max_jobs ${record.maxJobs}`,
      `sequence ${sequence}, at ${inMs(at)}: ${[...places.keys()].join(", ")}`,
    ]);
  }

  #seen({ at, node, partition, places, record }: NodeSeen): void {
    const held = Math.max(record?.currentJobs ?? 0, places.size);
    if (record === null || held <= record.maxJobs) return;
    this.#findings.violate(() => [
      `node ${node} holds ${held} jobs, allowed max_jobs ${record.maxJobs}`,
      `partition ${partition}, seen at ${inMs(at)}: ${[...places.keys()].join(", ")}`,
    ]);
  }

  #served({ at, before, job, line, node, request }: JobServed): void {
    this.#refusals.atStore += 1;
    const state = stateAt(line, node, before);
    if (isFullFor(job, state)) this.#full.atStore += 1;
    else this.#tooEarly(`job ${job} was refused by node ${node}`, state, `request ${request} at ${inMs(at)}`);
  }

  #heard({ from, instance, job, node, version }: NodeFull): void {
    const state = this.#stateOf(node, version);
    if (!state.record || !state.places) return;
    this.#refusals.atStore += 1;
    if (isFullFor(job, state)) this.#full.atStore += 1;
    else this.#tooEarly(`job ${job} was refused by node ${node}`, state, askedBy(instance, from, version));
  }

  #returned({ at, call }: Returned): void {
    for (const node of shownIn(call)) this.#shown(call, node);
    if (call.reply === "full" && call.node !== undefined && call.to !== null) this.#refused(call, call.node, at);
  }

  /** Only where it is certain what the node held: where it is not, L1 judges. */
  #refused({ from, id, instance, job = "", version }: Call, node: string, to: Millis): void {
    const states = version === undefined ? this.#statesDuring(node, from, to) : [this.#stateOf(node, version)];
    const known = states.filter(({ places, record }) => record && places);
    if (known.length === 0 || known.length < states.length) return;
    this.#refusals.atClient += 1;
    if (known.some((state) => isFullFor(job, state))) {
      this.#full.atClient += 1;
      return;
    }
    const fullest = known.reduce((most, one) => (sizeOf(one) > sizeOf(most) ? one : most));
    this.#tooEarly(`job ${job} was refused by node ${node}`, fullest, askedBy(instance, from, version), [id]);
  }

  #tooEarly(refused: string, state: State, where: string, calls: readonly number[] = []): void {
    const { record } = state;
    const held = record
      ? `which was ${record.status} and held ${sizeOf(state)} jobs of ${record.maxJobs}`
      : "which there was not";
    this.#findings.violate(
      () => [`${refused} as full, ${held}, allowed only where others have all places`, where],
      calls,
    );
  }

  #stateOf(node: string, { epoch, sequence }: Version): State {
    const line = this.#truth.line(epoch);
    return line === undefined ? { record: undefined, places: undefined } : stateAt(line, node, sequence);
  }

  /** Returns the states that the node may have been in from `from` to `to`, as its changes left it. */
  #statesDuring(node: string, from: Millis, to: Millis): readonly State[] {
    const states: State[] = [];
    for (let partition = 0; partition < this.#partitions; partition += 1) {
      let isSuperseded = false;
      for (const line of this.#truth.of(partition).toReversed()) {
        const { before, during } = changesAround(line, node, from, to);
        states.push(...during.map(stateAfter));
        // The state from a former epoch is over once a later one has changed the node, unless both go on side by side.
        if (before !== undefined && (!isSuperseded || during.length > 0)) states.push(stateAfter(before));
        isSuperseded ||= before !== undefined;
      }
    }
    return states;
  }

  #shown({ from, id, instance }: Call, node: NodeContent): void {
    const { current_jobs: counted, version } = node;
    if (!Number.isSafeInteger(counted) || counted <= node.max_jobs) return;
    this.#findings.violate(
      () => [
        `instance ${instance} showed node ${node.node} with ${whyNotCounts(node) ?? `current_jobs ${counted}`}`,
        `asked at ${inMs(from)}, at ${versionText(version)}`,
      ],
      [id],
    );
  }
}

function askedBy(instance: number, from: Millis, version: Version | undefined): string {
  const where = version === undefined ? "" : `, at ${versionText(version)}`;
  return `instance ${instance}, asked at ${inMs(from)}${where}`;
}

function stateAt(line: EpochLine, node: string, sequence: number): State {
  return { record: line.at(node, sequence), places: line.places(node, sequence) };
}

/** The node's changes that may have been made from `from` to `to`, and the last one before. */
function changesAround(line: EpochLine, node: string, from: Millis, to: Millis) {
  const during: LineEntry[] = [];
  for (const entry of line.since(node, Number.NEGATIVE_INFINITY)) {
    if (entry.at < from) return { before: entry, during };
    if (entry.since <= to) during.push(entry);
  }
  return { before: undefined, during };
}

function stateAfter({ places, record }: LineEntry): State {
  return { record, places };
}

function sizeOf({ places }: State): number {
  return places?.size ?? 0;
}

/** A job that has a place there, or a node that is not online, is answered otherwise. */
function isFullFor(job: string, { places, record }: State): boolean {
  return record?.status === "online" && places !== undefined && !places.has(job) && places.size >= record.maxJobs;
}

/** Every node as an answer showed it. */
function shownIn({ read, selected = [] }: Call): readonly NodeContent[] {
  return read?.node ? [read.node] : selected;
}
