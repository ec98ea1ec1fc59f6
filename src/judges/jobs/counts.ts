/** J1: `current_jobs` is the number of live reservations, never negative. */
import { whyNotCounts } from "../../check/content.ts";
import { type Call, type NodeContent, versionText } from "../../check/history.ts";
import { inMs, type Judgement } from "../../check/judgement.ts";
import type { Changed, JudgeEvent, NodeSeen } from "../event.ts";
import { Findings, type OnViolation } from "../findings.ts";
import type { Case, Judge } from "../judge.ts";

export function judgeJobCounts({ onViolation }: Case): Judge {
  return new JobCounts(onViolation);
}

class JobCounts implements Judge {
  readonly property = "J1";
  readonly hears = ["change", "node", "returned"] as const;
  readonly #findings: Findings;
  #compared = 0;

  constructor(onViolation: OnViolation | undefined) {
    this.#findings = new Findings("J1", onViolation);
  }

  on(event: JudgeEvent): void {
    if (event.kind === "change") this.#changed(event);
    else if (event.kind === "node") this.#seen(event);
    else if (event.kind === "returned") {
      for (const node of shownIn(event.call)) this.#shown(event.call, node);
    }
  }

  finish(): Judgement {
    return this.#findings.conclude({ exercised: this.#compared });
  }

  /** Compares the count in a change with the reservations that the changes so far leave. */
  #changed({ at, entry }: Changed): void {
    const { count, kind, node, places, record, sequence } = entry;
    const counted = count ?? record?.currentJobs ?? null;
    if (counted === null) return;
    if (count !== null && places !== undefined) this.#compared += 1;
    // Where the reservations are not known, only a negative count is known to be wrong.
    if (places === undefined ? counted >= 0 : counted === places.size && (record?.currentJobs ?? counted) === counted)
      return;
    this.#findings.violate(() => [
      `${kind} of node ${node} leaves current_jobs ${counted} with ${places?.size ?? "0 or more"} reservations, allowed only equal`,
      `sequence ${sequence}, at ${inMs(at)}: ${[...(places?.keys() ?? [])].join(", ") || "no jobs"}`,
    ]);
  }

  #seen({ at, node, partition, places, record }: NodeSeen): void {
    const counted = record?.currentJobs ?? 0;
    if (counted === places.size && counted >= 0) return;
    this.#findings.violate(() => [
      `node ${node} has current_jobs ${counted} with ${places.size} reservations, allowed only equal`,
      `partition ${partition}, seen at ${inMs(at)}: ${[...places.keys()].join(", ") || "no jobs"}`,
    ]);
  }

  #shown({ from, instance }: Call, node: NodeContent): void {
    const { current_jobs: counted, version } = node;
    if (Number.isSafeInteger(counted) && counted >= 0) return;
    this.#findings.violate(() => [
      `instance ${instance} showed node ${node.node} with ${whyNotCounts(node) ?? "no count of jobs"}`,
      `asked at ${inMs(from)}, at ${versionText(version)}`,
    ]);
  }
}

/** Every node as an answer showed it. */
function shownIn({ read, selected = [] }: Call): readonly NodeContent[] {
  return read?.node ? [read.node] : selected;
}
