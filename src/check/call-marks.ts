/** The corners of what clients may ask for, each counted where a call met it: in simulated and recorded runs from the same calls. */
import type { Call, NodeContent } from "./history.ts";

const rules = {
  /** Selections. */
  selected_without_pool: ({ asked, selected }) => asked?.pool === undefined && isFull(selected),
  selected_by_configuration: ({ asked, searched, selected }) =>
    asked?.pool === undefined && (searched?.length ?? 0) > 0 && isFull(selected),
  searched_several_pools: ({ searched }) => (searched?.length ?? 0) > 1,
  selected_by_services: ({ asked, selected }) => (asked?.services.length ?? 0) > 1 && isFull(selected),
  selected_hyphenated: ({ asked, selected }) =>
    asked !== undefined && `${asked.source}${asked.target}`.includes("-") && isFull(selected),
  selected_none: ({ selected }) => selected?.length === 0,
  selected_one: ({ asked, selected }) => asked?.count === 1 && isFull(selected),
  selected_at_most: ({ asked, selected }) => asked?.count === 1_000 && isFull(selected),
  lowest_health_selected: ({ selected }) => selected?.some(({ health_milli }) => health_milli < 50) === true,
  highest_health_selected: ({ selected }) => selected?.some(({ health_milli }) => health_milli > 950) === true,
  /** Jobs. */
  dispatched_without_pool: (call) => call.op === "dispatch" && call.asked?.pool === undefined && isPlaced(call),
  dispatch_found_none: ({ op, reply }) => op === "dispatch" && reply === "no_node",
  leased_as_asked: (call) => (call.lease ?? call.asked?.lease) !== undefined && isPlaced(call),
  attempts_as_asked: (call) => call.asked?.attempts !== undefined && isPlaced(call),
  aborted_before: ({ aborted, from, reply }) =>
    aborted !== undefined && aborted <= from && reply.startsWith("threw AbortError"),
  aborted_during: ({ reply }) => reply === "aborted",
  /** Nodes. */
  impossible_metric_sent: ({ metrics, reply }) =>
    metrics !== undefined && reply === "renewed" && Object.values(metrics).some((one) => !isPossible(one)),
  /** More than one chunk of a heartbeat names. */
  long_list_named: ({ reply, running }) => (running?.length ?? 0) > 500 && reply === "renewed",
  registration_conflict: ({ op, reply }) => op === "register_node" && reply === "conflict",
  /** Configurations. */
  configuration_stored: ({ op, reply }) => op === "put_config" && reply === "stored",
  tenth_configuration: ({ op, reply, version }) =>
    op === "put_config" && reply === "stored" && (version?.sequence ?? 0) >= 10,
  /** Ids. */
  shortest_id: (call) => hasId(call, (id) => id.length === 1),
  longest_id: (call) => hasId(call, (id) => id.length > 64 && encoder.encode(id).length === 256),
  id_of_wide_characters: (call) => hasId(call, (id) => /[^\0-\x7f]/.test(id)),
} satisfies Readonly<Record<string, (call: Call) => boolean>>;

/** Those that more than one call makes. */
const remembered = ["finished_job_forgotten"] as const;

export type CallMark = keyof typeof rules | (typeof remembered)[number];
export const callMarks = [...(Object.keys(rules) as (keyof typeof rules)[]), ...remembered] as const;

const single = Object.entries(rules) as readonly [keyof typeof rules, (call: Call) => boolean][];

export class CallMarks {
  readonly #onMet: (mark: CallMark) => void;
  readonly counts = Object.fromEntries(callMarks.map((mark) => [mark, 0])) as Record<CallMark, number>;
  /** Node and job, once completed. */
  readonly #completed = new Set<string>();

  /** @param onMet called each time that a corner is met */
  constructor(onMet: (mark: CallMark) => void = () => {}) {
    this.#onMet = onMet;
  }

  /** In the order in which they returned. Calls before the load meet no corner. */
  add(call: Call): void {
    const { node = "", op, outcome, reply } = call;
    if (call.from < 0 || (op === "get_node" && outcome === "ok")) return;
    for (const [mark, isMet] of single) if (isMet(call)) this.#meet(mark);
    const place = `${node}\n${call.job}`;
    if (op === "complete_job" && reply === "completed") this.#completed.add(place);
    else if (reply === "reserved" && this.#completed.has(place)) this.#meet("finished_job_forgotten");
  }

  #meet(mark: CallMark): void {
    this.counts[mark] += 1;
    this.#onMet(mark);
  }
}

function isFull(selected: readonly NodeContent[] | undefined): boolean {
  return selected !== undefined && selected.length > 0;
}

function isPossible(metric: number | null): boolean {
  return metric !== null && metric >= 0 && metric <= 1_000_000_000;
}

function isPlaced({ reply }: Call): boolean {
  return reply === "reserved";
}

const encoder = new TextEncoder();

/** Whether an answered write has such an id, which the store has then accepted. */
function hasId({ job, node, outcome }: Call, isIt: (id: string) => boolean): boolean {
  return outcome === "ok" && ((node !== undefined && isIt(node)) || (job !== undefined && isIt(job)));
}
