/** Histories of runs, as inject writes them: a line about the run, then what happened and what the observer saw. docs/histories.md. */
import { type RedisTopology, redisTopologies } from "../../scenarios/fault-places.ts";
import type { Call, HistoryEvent } from "../check/history.ts";
import type { Bounds, Terms, Trial } from "../check/judgement.ts";
import type { Observation } from "../check/observation.ts";
import { type PropertyId, propertyIds } from "../check/properties.ts";
import { badLine, readLines, sizeOf } from "./lines.ts";

/** What is read is held in memory, at about four times its size on disk. */
const mostBytes = 384 * 1024 * 1024;

export class HistoryTooLarge extends Error {
  override readonly name = "HistoryTooLarge";
}

export interface StoredTrial {
  readonly scenario: string;
  readonly seed: number;
  /** On which servers it ran; `single` in a history that does not say. */
  readonly redis: RedisTopology;
  /** What the run was judged by; empty in a history that does not say. */
  readonly properties: readonly PropertyId[];
  readonly trial: Trial;
  /** The last line was cut, as by a crash, and is not among what was read. */
  readonly isCut: boolean;
  /** The run came to its end; else what it would have shown later is missing. */
  readonly isComplete: boolean;
}

/** @throws UsageError where there is no such file; BrokenRunError for a line that is none of a history; HistoryTooLarge */
export function readTrial(file: string): StoredTrial {
  const bytes = sizeOf(file);
  if (bytes > mostBytes) {
    throw new HistoryTooLarge(`${bytes} bytes, allowed ${mostBytes} to stay within memory`);
  }
  const reader = new TrialReader(file);
  let isCut = false;
  for (const { first, isOpen, lines } of readLines(file)) {
    for (const [index, text] of lines.entries()) {
      if (text === "") continue;
      const parsed = parse(text);
      if (parsed === undefined && isOpen) isCut = true;
      else reader.take(parsed, first + index, text);
    }
  }
  return reader.finish(isCut);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

type Fields = Readonly<Record<string, unknown>>;

/** Which fields are a time, of each kind of line; all that is known of it. Others may be written by a later version, and are passed over. */
const timesOf: Readonly<Record<string, readonly string[]>> = {
  call: ["from"],
  begun: ["from"],
  mode: ["at"],
  fault: ["asked", "done"],
  stall: ["since", "at", "lasted"],
  frozen: ["since", "at", "lasted"],
  starved: ["since", "at", "waited"],
  weather: ["at", "took"],
  overlooked: ["at"],
  store_call: ["from", "to"],
  overdue: ["at", "from", "deadline"],
  note: ["at"],
  sample: ["at"],
  phase: ["at"],
  lost_reply: ["at"],
  request: ["from", "to"],
  served: ["at"],
  commands: [],
  lock_search: [],
  view: ["at"],
  pace: ["at", "late_ms_p95", "late_ms_max"],
  pipe: ["at", "took"],
  system: ["at"],
  proxy_call: ["at", "until"],
  lost_wake_up: ["at"],
  dump: ["at"],
  entry: ["at"],
};

const isTime = (value: unknown): value is number => typeof value === "number" && Number.isFinite(value);
const isRecord = (value: unknown): value is Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value);

class TrialReader {
  readonly #file: string;
  #head: Fields | null = null;
  readonly #history: HistoryEvent[] = [];
  readonly #observations: Observation[] = [];
  readonly #calls = new Map<number, number>();
  /** Calls that have not come back as far as the file goes. */
  readonly #open = new Map<number, Call>();
  /** When the observer last saw each partition. */
  readonly #seen = new Map<number, number>();

  constructor(file: string) {
    this.#file = file;
  }

  take(parsed: unknown, line: number, text: string): void {
    if (!isRecord(parsed)) throw this.#bad(line, `no line of a history: ${text.slice(0, 80)}`);
    if (this.#head === null) {
      this.#head = this.#readHead(parsed, line);
      return;
    }
    const kind = String(parsed["kind"]);
    const times = timesOf[kind];
    if (times === undefined) {
      throw this.#bad(
        line,
        `a line of kind ${JSON.stringify(parsed["kind"])}: allowed are ${Object.keys(timesOf).join(", ")}`,
      );
    }
    const wrong = times.find((name) => !isTime(parsed[name]));
    if (wrong !== undefined) throw this.#bad(line, `${kind} without ${wrong}: ${text.slice(0, 80)}`);
    if (kind === "dump" || kind === "entry") this.#takeObservation(parsed, line);
    else this.#takeEvent(parsed, kind, line);
  }

  #takeEvent(parsed: Fields, kind: string, line: number): void {
    if (kind === "begun") {
      this.#takeBegun(parsed, line);
      return;
    }
    if (kind === "call") this.#checkCall(parsed, line);
    this.#history.push(parsed as unknown as HistoryEvent);
  }

  #checkCall({ from, id, op, outcome, to }: Fields, line: number): void {
    if (typeof id !== "number" || typeof op !== "string" || !["ok", "fail", "info"].includes(String(outcome))) {
      throw this.#bad(line, "a call without id, op or outcome (ok, fail or info)");
    }
    const known = this.#calls.get(id);
    if (known !== undefined) throw this.#bad(line, `call ${id} is on line ${known} already: allowed is once`);
    this.#calls.set(id, line);
    this.#open.delete(id);
    if (to !== null && (!isTime(to) || !isTime(from) || to < from)) {
      throw this.#bad(
        line,
        `call ${id} returned at ${String(to)}, before it was called at ${String(from)}: allowed is not before`,
      );
    }
  }

  /** A call is there once more when it has come back; one that is not was under way when the file ends. */
  #takeBegun(begun: Fields, line: number): void {
    const { id, op } = begun;
    if (typeof id !== "number" || typeof op !== "string") throw this.#bad(line, "a call that begins, without id or op");
    if (this.#calls.has(id) || this.#open.has(id)) {
      throw this.#bad(line, `call ${id} begins although it is known already: allowed is once, and first`);
    }
    const unanswered = { to: null, outcome: "info", reply: "never returned" };
    this.#open.set(id, { ...begun, ...unanswered, kind: "call" } as unknown as Call);
  }

  /** The observer's looks follow one another: judges go by their order. In a split what the old primary tells comes before what the new one told. */
  #takeObservation(parsed: Fields, line: number): void {
    const { at, partition } = parsed;
    if (typeof partition !== "number" || !isTime(at)) throw this.#bad(line, "an observation without its partition");
    const last = this.#seen.get(partition);
    if (last !== undefined && at < last && !isTakeover(parsed)) {
      throw this.#bad(
        line,
        `an observation of ${at} ms after one of ${last} ms: allowed is the order in which they were seen`,
      );
    }
    this.#seen.set(partition, at);
    this.#observations.push(parsed as unknown as Observation);
  }

  #readHead(head: Fields, line: number): Fields {
    const { bounds, instances, kind, scenario, seed, side } = head;
    const isHead =
      kind === "trial" &&
      typeof scenario === "string" &&
      isTime(seed) &&
      isTime(instances) &&
      (side === "fault" || side === "control") &&
      isRecord(bounds);
    if (isHead) return head;
    const found = `the first line is not about a run: ${JSON.stringify(head).slice(0, 80)}`;
    throw badLine(
      this.#file,
      line,
      found,
      "give a history that inject wrote, or say what this is one of: --model node-jobs",
    );
  }

  finish(isCut: boolean): StoredTrial {
    const head = this.#head;
    if (head === null) throw this.#bad(1, "nothing is in it");
    const named = Array.isArray(head["properties"]) ? head["properties"] : [];
    const trial: Trial = {
      side: head["side"] === "control" ? "control" : "fault",
      history: [...this.#history, ...this.#open.values()],
      observations: this.#observations,
      instances: Number(head["instances"]),
      bounds: head["bounds"] as Bounds,
      terms: (isRecord(head["terms"]) ? head["terms"] : {}) as unknown as Terms,
    };
    return {
      scenario: String(head["scenario"]),
      seed: Number(head["seed"]),
      redis: redisTopologies.find((redis) => redis === head["redis"]) ?? "single",
      properties: propertyIds.filter((id) => named.includes(id)),
      trial,
      isCut,
      isComplete: this.#history.some((event) => event.kind === "phase" && event.name === "end"),
    };
  }

  #bad(line: number, found: string): Error {
    return badLine(this.#file, line, found, "give a history as inject wrote it; only its last line may be cut");
  }
}

/** The first look at a server that took over: no epoch has begun there. */
function isTakeover({ kind, version }: Fields): boolean {
  return kind === "dump" && version === null;
}
