/**
 * L1: operations on a node, and on the configuration, as clients saw them, are linearizable. Every node is an object of its own. The store runs one command after the other, so the
 * versions of its changes are the order that is looked for: a reply says where its call belongs, and has to be true there. A change is made by one call at
 * most, and by none of which the client was answered that it did not happen. replies/replies.ts has what each reply claims. The configuration is an object too.
 */
import type { Call, Version } from "../../check/history.ts";
import type { Judgement } from "../../check/judgement.ts";
import { Room } from "../../check/linear/search/order.ts";
import { PutAnswers } from "../configuration/put-answers.ts";
import type { JudgeEvent } from "../event.ts";
import { Findings } from "../findings.ts";
import type { Case, Judge } from "../judge.ts";
import type { EpochLine, LineEntry } from "../truth.ts";
import { InstanceEpochs } from "./instance-epochs.ts";
import { explainDenied, explainImpossible, explainNoNode, explainReturn, explainUnasked } from "./messages.ts";
import { type Known, NodeCalls } from "./node-calls.ts";
import { findImpossible } from "./node-findings.ts";
import { positionOf } from "./positions.ts";
import { FinishedJobs } from "./replies/finished-jobs.ts";
import { NodeMoment } from "./replies/moment.ts";
import { whyImpossible } from "./replies/possible.ts";
import { claimOf } from "./replies/replies.ts";
import { AmbiguousCalls } from "./requests/ambiguous-calls.ts";
import { JoinedDispatches } from "./requests/joined-dispatches.ts";
import { Requests } from "./requests/requests.ts";
import { UnversionedReplies } from "./unversioned.ts";

export function judgeLinearizability(theCase: Case): Judge {
  return new Linearizability(theCase);
}

class Linearizability implements Judge {
  readonly property = "L1";
  readonly hears = [
    ...(["called", "returned", "epoch", "change", "settled", "instance"] as const),
    ...(["job_requested", "node_requested", "fault"] as const),
  ] as const;
  readonly operations = [
    ...(["get_node", "register_node", "heartbeat", "offline_node"] as const),
    ...(["dispatch", "reserve_job", "complete_job", "release_job", "put_config"] as const),
  ] as const;
  readonly #known: Known;
  readonly #findings = new Findings("L1");
  readonly #partitionOf = new Map<string, number>();
  readonly #nodes = new Map<string, NodeCalls>();
  readonly #requests: Requests;
  readonly #epochs: InstanceEpochs;
  readonly #dispatches = new JoinedDispatches();
  readonly #ambiguous: AmbiguousCalls;
  /** By partition: the earliest position that a client was shown. */
  readonly #firstShown = new Map<number, number>();
  readonly #room = new Room();
  readonly #puts: PutAnswers;

  constructor(theCase: Case) {
    const { instances, partitions, terms, timing, truth } = theCase;
    const finishedJobs = new FinishedJobs(truth, terms);
    const partitionOf = (node: string): number | undefined => this.#partitionOf.get(node);
    this.#known = { truth, timing, finishedJobs, partitionOf, partitions };
    this.#requests = new Requests(truth);
    this.#epochs = new InstanceEpochs(instances, truth);
    this.#ambiguous = new AmbiguousCalls(timing);
    this.#puts = new PutAnswers(theCase, { violate: this.#findings.violate.bind(this.#findings), areCounted: true });
  }

  on(event: JudgeEvent): void {
    switch (event.kind) {
      case "fault":
        this.#puts.fault(event);
        break;
      case "called":
        if (event.op === "put_config") break;
        this.#requests.called(event);
        this.#dispatches.called(event);
        break;
      case "returned":
        if (event.call.op === "put_config") this.#puts.returned(event.call);
        else this.#returned(event.call);
        break;
      case "epoch":
        for (const node of event.line.base.keys()) this.#partitionOf.set(node, event.line.partition);
        break;
      case "change":
        this.#changed(event.line, event.entry);
        break;
      case "settled":
        this.#ambiguous.settled(event);
        break;
      case "job_requested":
      case "node_requested":
        this.#requests.requested(event);
        break;
      case "instance":
        if (event.state === "crashed") this.#epochs.died(event.instance);
        break;
      default:
        break;
    }
  }

  finish(): Judgement {
    const count = { answered: 0, unanswered: 0, overlapping: 0 };
    this.#ambiguous.leaveBehind(this.#nodes);
    for (const [node, calls] of this.#nodes) {
      const replies = new UnversionedReplies(node, calls, this.#known);
      replies.settle();
      this.#ambiguous.explain(calls, replies.mayHaveChanged);
      count.answered += calls.answered;
      count.unanswered += calls.unanswered;
      count.overlapping += calls.overlapping(this.#room);
      if (calls.unseen > 0) this.#findings.unseen(calls.unseen);
      this.#judge(node, calls);
    }
    const puts = this.#puts.finish();
    return this.#findings.conclude({
      exercised: count.overlapping,
      judged: count.answered + puts,
      measures: [
        { name: "calls_judged", value: count.answered },
        { name: "calls_unanswered", value: count.unanswered },
        { name: "configurations_judged", value: puts },
      ],
    });
  }

  #changed(line: EpochLine, entry: LineEntry): void {
    const { node, sequence } = entry;
    this.#partitionOf.set(node, line.partition);
    this.#callsOf(node);
    this.#ambiguous.changed(entry);
    const before = new NodeMoment(line, node, sequence - 1, this.#known.finishedJobs);
    const impossible = whyImpossible(entry, before);
    if (impossible !== null) this.#findings.violate(() => explainImpossible({ line, entry }, before.text, impossible));
    const unasked = this.#requests.changed(line, entry);
    if (unasked !== null) this.#findings.violate(() => explainUnasked({ line, entry }, unasked));
  }

  #returned(call: Call): void {
    const { node, outcome, to, version } = call;
    const denied = this.#requests.returned(call);
    if (denied !== null) this.#findings.violate(() => explainDenied(call, denied), [call.id]);
    const effect = this.#dispatches.returned(call);
    this.#ambiguous.returned(call);
    if (node !== undefined) this.#callsOf(node).take(call, effect);
    else if (outcome === "ok" && claimOf(call) !== null) this.#findings.violate(() => explainNoNode(call), [call.id]);
    const line = version === undefined ? undefined : this.#known.truth.line(version.epoch);
    if (line === undefined || version === undefined || to === null || outcome !== "ok") return;
    this.#shown(line, version);
    const later = this.#epochs.answered(call, line, to);
    if (later !== null) this.#findings.violate(() => explainReturn(call, later), [later.id, call.id]);
  }

  #shown(line: EpochLine, { sequence }: Version): void {
    const position = positionOf(line, sequence);
    if (position < (this.#firstShown.get(line.partition) ?? Number.POSITIVE_INFINITY))
      this.#firstShown.set(line.partition, position);
  }

  #callsOf(node: string): NodeCalls {
    const known = this.#nodes.get(node);
    if (known !== undefined) return known;
    const calls = new NodeCalls(node, this.#known);
    this.#nodes.set(node, calls);
    return calls;
  }

  #judge(node: string, calls: NodeCalls): void {
    const { finishedJobs, truth } = this.#known;
    const partition = this.#partitionOf.get(node) ?? -1;
    const momentAt = (version: Version | undefined): string | null => {
      const line = version === undefined ? undefined : truth.line(version.epoch);
      if (line === undefined || version === undefined) return null;
      return new NodeMoment(line, node, version.sequence, finishedJobs).text;
    };
    const firstShown = this.#firstShown.get(partition);
    const judged = { node, calls, lines: truth.of(partition), firstShown, momentAt };
    for (const { calls: blamed, message } of findImpossible(judged, this.#room))
      this.#findings.violate(message, blamed);
  }
}
