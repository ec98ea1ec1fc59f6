/**
 * S2: no answer leaves out a node that the instance has to know: a lookup finds it; and a selection that had room for more shows it, where it is online,
 * is in a pool that has to be searched, suits, and has a free place. Only a judge notices: such a node is never chosen, and every answer that does come
 * is right.
 */
import { type Call, type Version, versionText } from "../../check/history.ts";
import { inMs, type Judgement } from "../../check/judgement.ts";
import { wishText } from "../../check/suitable.ts";
import { type Configurations, makeConfigurations } from "../configuration/configurations.ts";
import type { JudgeEvent } from "../event.ts";
import { Findings } from "../findings.ts";
import type { Case, Judge } from "../judge.ts";
import { type Knowledge, type Moment, makeKnowledge } from "./knowledge.ts";
import type { OnlineNode } from "./online-nodes.ts";

export function judgeOmissions(theCase: Case): Judge {
  return new Omissions(theCase);
}

class Omissions implements Judge {
  readonly property = "S2";
  readonly hears = ["returned"] as const;
  readonly operations = ["get_node", "select_nodes"] as const;
  readonly #findings = new Findings("S2");
  readonly #knowledge: Knowledge;
  readonly #configurations: Configurations;
  #looked = 0;

  constructor(theCase: Case) {
    this.#knowledge = theCase.scene.part(makeKnowledge, theCase);
    this.#configurations = theCase.scene.part(makeConfigurations, theCase);
  }

  on(event: JudgeEvent): void {
    if (event.kind === "returned") this.#returned(event.call);
  }

  finish(): Judgement {
    return this.#findings.conclude({
      exercised: this.#looked,
      measures: [{ name: "looked_for_in_answers", value: this.#looked }],
    });
  }

  #returned(call: Call): void {
    const { asked, op, read, reply, selected, to } = call;
    if (to === null) return;
    const isClaimed = op === "get_node" ? read?.mode === "normal" && !read.stale : reply === "normal";
    const moment = this.#knowledge.moment(call, to, isClaimed);
    if (moment === null) return;
    if (op === "get_node") this.#judgeLookup(call, moment);
    else if (asked?.count !== undefined && selected !== undefined && selected.length < asked.count)
      this.#judgeSelection(call, moment);
  }

  #judgeLookup({ from, id, instance, node = "", read }: Call, moment: Moment): void {
    const knowledge = this.#knowledge;
    if (read === undefined) return;
    const partition = knowledge.partitionOf(node);
    if (partition === undefined) return;
    const view = knowledge.viewOf(moment, partition);
    const isInView = view !== null && knowledge.hasInView(moment, node, view);
    const line = isInView ? undefined : knowledge.followed(moment, partition);
    const one = line && knowledge.lasting(moment, node, line);
    if (!isInView && one === undefined) return;
    this.#looked += 1;
    if (read.found) return;
    this.#findings.violate(
      () => [
        `instance ${instance} did not show node ${node}, which ${isInView ? "its view had" : `had been there for ${inMs(from - (one?.from ?? from))}`}`,
        `asked at ${inMs(from)}, answered from ${read.source}, stale: ${read.stale}, mode ${read.mode}; ${viewText(view)}`,
      ],
      [id],
    );
  }

  #judgeSelection(call: Call, moment: Moment): void {
    const { asked, selected = [] } = call;
    const orders = asked && this.#configurations.poolsOf(call, asked);
    if (asked === undefined || !orders) return;
    const chosen = new Set(selected.map(({ node }) => node));
    for (const one of this.#knowledge.eligible(moment, asked, orders)) {
      this.#looked += 1;
      if (!chosen.has(one.node)) this.#leftOut(call, one, this.#knowledge.viewOf(moment, one.line.partition));
    }
  }

  #leftOut(call: Call, one: OnlineNode, view: Version | null): void {
    const { asked, from, id, instance, reply, selected = [] } = call;
    this.#findings.violate(
      () => [
        `instance ${instance} did not select node ${one.node}, which suits and has room, though only ${selected.length} of ${asked?.count ?? 0} were found`,
        `asked at ${inMs(from)} in ${reply} for ${asked === undefined ? "" : wishText(asked, this.#configurations.poolsOf(call, asked)?.at(-1))}; the node had been there since ${inMs(one.from)}; ${viewText(view)}`,
      ],
      [id],
    );
  }
}

function viewText(view: Version | null): string {
  return view === null ? "its view was not seen" : `its view was at ${versionText(view)}`;
}
