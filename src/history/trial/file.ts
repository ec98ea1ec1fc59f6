/** Reads histories of runs that inject wrote: a line about the run, then events and observations. docs/histories.md. */
import type { RedisTopology } from "../../../scenarios/declare/fault-places.ts";
import type { Call, HistoryEvent } from "../../check/history.ts";
import type { Trial } from "../../check/judgement.ts";
import type { Observation } from "../../check/observed/observation.ts";
import { type PropertyId, propertyIds } from "../../check/properties.ts";
import { membersOf } from "../lines/json-shape.ts";
import { BadLine, excerpt } from "../lines/line-scanner.ts";
import { badLine, eachLine, readLines, sizeOf } from "../lines/lines.ts";
import { anything, oneOf } from "../lines/rules.ts";
import { withDeclaredLengths } from "./declared-faults.ts";
import { lineRules, wrongReply } from "./event-rules.ts";
import { withoutFormerNames } from "./former-names.ts";
import { notJudged, readHead, type StoredHead, wideBounds } from "./head.ts";

/** A history takes about four times its file size in memory. */
const mostBytes = 384 * 1024 * 1024;

export class HistoryTooLarge extends Error {
  override readonly name = "HistoryTooLarge";
}

export interface StoredTrial {
  readonly scenario: string;
  readonly seed: number;
  /** The servers of the run; `single` where the history does not say. */
  readonly redis: RedisTopology;
  /** The properties by which the run was judged; empty where the history does not say. */
  readonly properties: readonly PropertyId[];
  readonly trial: Trial;
  /** The last line was cut, as by a crash, and is left out. */
  readonly isCut: boolean;
  /** The run ended and its history is complete. */
  readonly isComplete: boolean;
  /** The number of calls with one of two lines, in a complete run: the other line was lost. */
  readonly halves: number;
  /** Properties that the scenario claims, but the first line does not name. */
  readonly notJudged: readonly PropertyId[];
  /** Bounds that are wider than those of the scenario, in words. */
  readonly wideBounds: readonly string[];
}

/** @throws UsageError for a missing file, and for a line that does not belong to a history; HistoryTooLarge */
export function readTrial(file: string): StoredTrial {
  const bytes = sizeOf(file);
  if (bytes > mostBytes) {
    throw new HistoryTooLarge(`${bytes} bytes, allowed ${mostBytes} to stay within memory`);
  }
  const reader = new TrialReader();
  let isCut = false;
  for (const batch of readLines(file)) {
    eachLine(batch, (start, end, line) => {
      try {
        reader.take(batch.text, start, end, line);
      } catch (error) {
        if (!(error instanceof BadLine)) throw error;
        isCut = batch.isOpen && error.isCut;
        if (!isCut) throw badLine(file, line, { found: error.message, fix: error.fix ?? reader.fix, cause: error });
      }
    });
  }
  return reader.finish(isCut, file);
}

const fixLine = "give a history as inject wrote it; only its last line may be cut";
/**
 * Kinds without two equal lines at one time. A repeated line, such as an excusing stall, would count twice. In virtual time requests may be
 * equal.
 */
const once: ReadonlySet<string> = new Set(["stall", "frozen", "starved", "fault", "in_force", "mode", "phase", "view"]);
const kinds = oneOf(Object.fromEntries([...lineRules.keys()].map((kind) => [kind, true] as const)));

/** @returns the object with the number of its members @throws BadLine where it is no JSON object, or nested too deeply */
function parse(batch: string, start: number, end: number): Parsed {
  const members = membersOf(batch, start, end);
  const text = batch.slice(start, end);
  if (members === null) throw new BadLine(`a line that is nested further than any of a history: ${excerpt(text)}`);
  if (text.endsWith("\r")) {
    throw new BadLine("a carriage return; allowed is a line feed alone", false, "take them out: tr -d '\\r' <FILE");
  }
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    // An object without its end may have been cut.
    throw new BadLine(`no line of a history: ${excerpt(text)}`, text.startsWith("{"));
  }
  if (typeof parsed !== "object" || parsed === null || Array.isArray(parsed)) {
    throw new BadLine(`no line of a history: ${excerpt(text)}`);
  }
  return { line: text, parsed: withoutFormerNames(parsed as Fields), members };
}

const isTime = (value: unknown): value is number => typeof value === "number";

type Fields = Readonly<Record<string, unknown>>;

/** Nothing ends before it begins. That of a call is checked with its id. @throws BadLine */
function checkOrder(parsed: Fields): void {
  const { asked, at, done, from, kind, since, to } = parsed;
  if (isTime(at) && isTime(since) && since > at) {
    throw new BadLine(`${String(kind)} since ${since} ms, seen at ${at} ms; allowed is not later`);
  }
  const [begun, ended] = kind === "fault" ? [asked, done] : [from, to];
  if (kind !== "call" && kind !== "overlooked" && isTime(begun) && isTime(ended) && ended < begun) {
    throw new BadLine(`${String(kind)} ended at ${ended}, before it began at ${begun}; allowed is not before`);
  }
}
interface Parsed {
  readonly line: string;
  readonly parsed: Fields;
  readonly members: number;
}
/** The fields that say what its client asked for. */
const asked = [
  ...(["instance", "op", "node", "job", "seq", "running", "incarnation", "expected", "metrics"] as const),
  ...(["offer", "asked", "lease", "configuration", "allowed"] as const),
] as const;

function isSame(one: unknown, other: unknown): boolean {
  return one === other || (typeof one === "object" && JSON.stringify(one) === JSON.stringify(other));
}

type Begun = Omit<Call, "kind" | "to" | "outcome" | "reply">;

class TrialReader {
  #head: StoredHead | null = null;
  #last = "";
  readonly #history: HistoryEvent[] = [];
  readonly #observations: Observation[] = [];
  readonly #calls = new Map<number, number>();
  /** Calls that have not returned so far. */
  readonly #open = new Map<number, Call>();
  /** The number of returned calls with a line for their beginning. */
  #begun = 0;
  /** The last observation of each partition. */
  readonly #seen = new Map<number, number>();

  /** The advice for a bad line. */
  get fix(): string {
    return this.#head === null ? fixHead : fixLine;
  }

  /** @throws BadLine */
  take(text: string, start: number, end: number, line: number): void {
    const { line: whole, members, parsed } = parse(text, start, end);
    const { instance, kind } = parsed;
    if (this.#head === null) {
      this.#head = headOf(parsed, members);
      return;
    }
    const rules = lineRules.get(kind as string);
    if (rules === undefined) throw new BadLine(`kind${kinds.check(kind, { members: 0 }) ?? ""}`);
    const seen = { members: 0 };
    const wrong = rules.check(parsed, seen);
    if (wrong !== null) throw new BadLine(`${String(kind)}${wrong}`);
    if (seen.members !== members) {
      throw new BadLine(`a field that is there twice; allowed is once: ${excerpt(text.slice(start, end))}`);
    }
    const { instances } = this.#head;
    if (typeof instance === "number" && instance >= instances) {
      throw new BadLine(
        `${String(kind)} of instance ${instance}; allowed are 0 to ${instances - 1}, as the first line says`,
      );
    }
    checkOrder(parsed);
    if (kind === "dump" || kind === "entry") this.#takeObservation(parsed as unknown as Observation);
    else if (kind === "begun") this.#takeBegun(parsed as unknown as Begun);
    else {
      if (kind === "call") this.#checkCall(parsed as unknown as Call, line);
      this.#history.push(parsed as unknown as HistoryEvent);
    }
    if (once.has(kind as string) && whole === this.#last) {
      throw new BadLine(`the line before it a second time; allowed is once: ${excerpt(whole)}`);
    }
    this.#last = whole;
  }

  #checkCall(call: Call, line: number): void {
    const { from, id, to } = call;
    const known = this.#calls.get(id);
    if (known !== undefined) throw new BadLine(`call ${id} is on line ${known} already; allowed is once`);
    this.#calls.set(id, line);
    const open = this.#open.get(id);
    if (open !== undefined) this.#end(open, call);
    if (to !== null && to < from) {
      throw new BadLine(`call ${id} returned at ${to}, before it was called at ${from}; allowed is not before`);
    }
    const wrong = wrongReply(call);
    if (wrong !== null) throw new BadLine(`call ${id}: ${wrong}`);
  }

  /** Both lines are about the same call: a dispatch adds its node, a registration its incarnation, and other fields are equal. */
  #end(begun: Call, call: Call): void {
    this.#open.delete(begun.id);
    this.#begun += 1;
    const wrong = asked.find((field) => begun[field] !== undefined && !isSame(begun[field], call[field]));
    if (wrong === undefined) return;
    const found = `${wrong} ${JSON.stringify(call[wrong] ?? null)}, and began with ${JSON.stringify(begun[wrong])}`;
    throw new BadLine(`call ${call.id} has ${found}; allowed is the same`);
  }

  /** A returned call has a second line; a call without one was in flight at the end of the file. */
  #takeBegun(begun: Begun): void {
    const { id } = begun;
    if (this.#calls.has(id) || this.#open.has(id)) {
      throw new BadLine(`call ${id} begins although it is known already; allowed is once, and first`);
    }
    this.#open.set(id, { ...begun, to: null, outcome: "info", reply: "never returned", kind: "call" });
  }

  /** Judges rely on the order of observations. In a split brain, those of the old primary come before those of the new one. */
  #takeObservation(observation: Observation): void {
    const { at, partition } = observation;
    const last = this.#seen.get(partition);
    if (last !== undefined && at < last && !isTakeover(observation)) {
      throw new BadLine(
        `an observation of ${at} ms after one of ${last} ms; allowed is the order in which they were seen`,
      );
    }
    this.#seen.set(partition, at);
    this.#observations.push(observation);
  }

  /** At its end a run gives up open calls, so that each call has both lines. Older histories have no lines for beginnings. */
  #halves(): number {
    const withoutBeginning = this.#begun + this.#open.size === 0 ? 0 : this.#calls.size - this.#begun;
    return this.#open.size + withoutBeginning;
  }

  /** @throws UsageError where the file has no line about the run */
  finish(isCut: boolean, file: string): StoredTrial {
    const head = this.#head;
    if (head === null) throw badLine(file, 1, { found: "nothing is in it", fix: fixHead });
    const { bounds, instances, properties = [], redis, scenario, seed, side, terms } = head;
    const trial: Trial = {
      side,
      history: withDeclaredLengths([...this.#history, ...this.#open.values()], head),
      observations: this.#observations,
      instances,
      bounds,
      terms,
    };
    const hasEnd = this.#history.some((event) => event.kind === "phase" && event.name === "end");
    return {
      ...{ scenario, seed, redis, trial, isCut },
      properties: propertyIds.filter((id) => properties.includes(id)),
      isComplete: hasEnd && !isCut,
      halves: hasEnd && !isCut ? this.#halves() : 0,
      notJudged: notJudged(head),
      wideBounds: wideBounds(head),
    };
  }
}

const fixHead = "give a history that inject wrote, or say what this is one of: --model node-jobs";

/** @throws BadLine */
function headOf(parsed: Fields, members: number): StoredHead {
  if (parsed["kind"] !== "trial") {
    throw new BadLine(`the first line is not about a run: ${excerpt(JSON.stringify(parsed))}`, false, fixHead);
  }
  const seen = { members: 0 };
  anything.check(parsed, seen);
  if (seen.members !== members) throw new BadLine("the first line: a field that is there twice; allowed is once");
  const head = readHead(parsed);
  if ("found" in head) throw new BadLine(`the first line: ${head.found}`, false, head.fix);
  return head;
}

/** Whether it is the first observation of a new primary, on which no epoch has begun. */
function isTakeover(observation: Observation): boolean {
  return observation.kind === "dump" && observation.version === null;
}
