/**
 * Compares nodes, as answers show them, with the calls of their clients. The store is not observed for it. N3: a registered node is found; the rest is in
 * the files that this one puts together.
 */
import type { Call, Millis } from "../../../check/history.ts";
import { inMs, type Judgement } from "../../../check/judgement.ts";
import type { PropertyId } from "../../../check/properties.ts";
import { PutAnswers } from "../../configuration/put-answers.ts";
import type { JudgeEvent } from "../../event.ts";
import type { Case } from "../../judge.ts";
import type { Part } from "../../scene.ts";
import { ClientCalls } from "../client-calls.ts";
import { Contradictions } from "../contradictions.ts";
import type { KnownNode } from "../known-node.ts";
import { LostNodes } from "./lost-nodes.ts";
import { ReadsWithoutRedis } from "./reads-without-redis.ts";
import { ReplyVersions } from "./reply-versions.ts";
import { SelectedNodes } from "./selected-nodes.ts";
import { ShownContent } from "./shown-content.ts";
import { ShownModes } from "./shown-modes.ts";
import { ShownViews } from "./shown-views.ts";

type AnsweredRead = Call & { readonly to: Millis };

export class ShownNodes implements Part {
  readonly hears = ["called", "returned", "fault", "mode", "view"] as const;
  readonly contradictions = new Contradictions();
  readonly #case: Case;
  readonly #clients: ClientCalls;
  readonly #content: ShownContent;
  readonly #selections: SelectedNodes;
  readonly #versions = new ReplyVersions(this.contradictions);
  readonly #puts: PutAnswers;
  readonly #cutOff: ReadsWithoutRedis;
  readonly #lost: LostNodes;
  readonly #modes = new ShownModes(this.contradictions);
  readonly #views = new ShownViews(this.contradictions);

  constructor(theCase: Case) {
    this.#case = theCase;
    this.#clients = theCase.scene.part(clientCalls, theCase);
    this.#content = new ShownContent(this.#clients, this.contradictions);
    this.#selections = new SelectedNodes(theCase, this.#clients, this.#content, this.contradictions);
    this.#cutOff = new ReadsWithoutRedis(theCase, this.#clients, this.contradictions);
    this.#lost = new LostNodes(theCase, this.contradictions);
    this.#puts = new PutAnswers(theCase, {
      areCounted: false,
      violate: (words, calls) => this.contradictions.found("V1", words(), calls),
    });
  }

  conclude(property: PropertyId): Judgement {
    if (property === "D5") this.#modes.finish();
    if (property === "S3") this.#selections.finish();
    if (property === "V1") this.#puts.finish();
    return this.contradictions.conclude(property, this.#clients.sweeps);
  }

  on(event: JudgeEvent): void {
    if (event.kind === "fault") {
      this.#cutOff.fault(event);
      this.#puts.fault(event);
      if (event.name === "instance_crash") this.#modes.forget();
      this.#views.fault(event);
    }
    if (event.kind === "called") this.#selections.ranked.called(event);
    if (event.kind === "returned") {
      this.#selections.ranked.returned(event);
      this.#puts.returned(event.call);
    }
    if (event.kind === "mode") this.#modes.changed(event);
    if (event.kind === "view") this.#views.moved(event);
    if (event.kind !== "returned" || event.call.to === null) return;
    const call = event.call as AnsweredRead;
    this.#selections.reported.returned(call);
    if (call.outcome !== "ok") return;
    if (call.op === "get_node") this.#read(call);
    else if (call.op === "select_nodes") this.#selected(call);
    else this.#written(call);
  }

  #read(call: AnsweredRead): void {
    const { node: name = "", read } = call;
    if (read === undefined) return;
    this.#cutOff.answered(call);
    this.#modes.answered(call, read.mode);
    if (read.node !== null) this.#content.judge(call, read.node);
    if (read.node?.status === "online") this.#lost.read(call);
    const known = this.#clients.known(name)?.node;
    if (known !== undefined && read.mode === "normal" && !read.stale) this.#judgeFound(call, known, read.found);
  }

  #selected(call: AnsweredRead): void {
    this.#cutOff.answered(call);
    for (const node of call.selected ?? []) {
      this.#content.judge(call, node);
      this.#lost.selected(call, node.node);
    }
    this.#modes.answered(call, call.reply);
    this.#selections.judge(call);
  }

  #written(call: AnsweredRead): void {
    const known = this.#clients.known(call.node ?? "")?.node;
    if (known === undefined) return;
    this.#versions.returned(call, known);
    this.#lost.written(call, known);
  }

  /**
   * N3: for longer than a miss mark and the staleness bound it has been online, by its acknowledged calls, and the instance in `normal`. In another mode an
   * instance need not hear of it. A slow machine may keep it from that, and leaves it open.
   */
  #judgeFound({ from, id, instance, node, to }: AnsweredRead, known: KnownNode, found: boolean): void {
    const { bounds, scene, terms, timing } = this.#case;
    const [onlineSince, normalSince] = [known.onlineSince(to), scene.normalSince(instance)];
    if (onlineSince === null || normalSince === null) return;
    const since = Math.max(onlineSince, normalSince);
    const allowed = terms.missTtl * (1 + terms.ttlSpread) + bounds.staleness;
    const late = from - since - allowed;
    if (late <= 0 || scene.wasTroubled(instance, since) || timing.wasAway(instance, since, to)) return;
    if (found) {
      this.contradictions.compared("N3");
      return;
    }
    const words = `node ${node} was not found ${inMs(from - since)} after its registration, allowed ${inMs(allowed)}`;
    const blame = timing.blame(late, since, from, instance);
    this.contradictions.late({ property: "N3", blame }, [words, `asked at ${inMs(from)}`], [id]);
  }
}

/** One for all judges of a run. */
export function clientCalls(theCase: Case): ClientCalls {
  return new ClientCalls(theCase);
}

export function shownNodes(theCase: Case): ShownNodes {
  theCase.scene.part(clientCalls, theCase); // it has to hear of each call first
  return new ShownNodes(theCase);
}
