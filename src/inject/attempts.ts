/**
 * How often a pair is run on one seed, and what its runs come to together.
 *
 * A pair that proves too little, because the machine stood still or had degraded an instance before the fault could, is run again. A violation
 * stands, unless it is slight: a bound of time was missed by so little, while the thread was busy, that the machine may have made it without a word
 * to anybody (`Stalls.isSlight`). What missed such a bound is run twice more. Missed in two runs or three it is `unknown`: never held, and not for anybody to blame.
 * What missed it in one alone is what the other two are: chance shows a run that misses nothing first just as well.
 */
import { type Judgement, quieter } from "../check/judgement.ts";
import type { PropertyId } from "../check/properties.ts";
import { joinVerdicts, type Verdict } from "../check/verdict.ts";
import type { JudgedPair, JudgedProperty } from "./pair.ts";

/** Runs that prove too little, after which no more are made for that. */
const mostOpen = 3;
/** Runs from the first on in which a bound was missed. */
const enough = 3;
/** What can be missed so for other reasons than a busy thread: an instance that does so in each of those runs is to blame. */
const decidable: ReadonlySet<PropertyId> = new Set<PropertyId>(["D3"]);
/** Runs in all, where several bounds are missed in turn. */
const most = 6;

const inconclusive: readonly Verdict[] = ["unknown", "not_exercised"];

/** A bound that was missed a little. */
interface Miss {
  /** The runs in which it was, from 1. */
  readonly runs: number[];
  /** Of the first. */
  readonly found: string;
}

export class Attempts {
  #runs = 0;
  #open = 0;
  readonly #misses = new Map<PropertyId, Miss>();

  /** Of those that were judged. */
  get runs(): number {
    return this.#runs;
  }

  /** The runs whose histories show what it came to: those in which a bound was missed, and the last. */
  get telling(): readonly number[] {
    const missed = [...this.#misses.values()].flatMap(({ runs }) => runs);
    return [...new Set([...missed, this.#runs])].sort((a, b) => a - b);
  }

  /** One more run has been judged. @returns why the pair has to be run once more; null: it need not be */
  add(judged: JudgedPair): string | null {
    const isOpen = inconclusive.includes(judged.verdict);
    this.#runs += 1;
    if (isOpen) this.#open += 1;
    const broken = judged.properties.filter(({ verdict }) => verdict === "violated");
    for (const property of broken) if (isSlight(property)) this.#miss(property);
    if (this.#runs === most || broken.some((property) => this.#stands(property))) return null;
    const last = Math.max(0, ...[...this.#misses.values()].map(({ runs: [first = 0] }) => first + enough - 1));
    if (this.#runs >= last && !(isOpen && this.#open < mostOpen)) return null;
    return whyAgain(judged, broken);
  }

  /**
   * @param judged the last run
   * @param isCut there was no time for the runs that were due: whatever was missed is open
   */
  conclude(judged: JudgedPair, isCut = false): JudgedPair {
    if (this.#misses.size === 0) return judged;
    const properties = judged.properties.map((property) => this.#concluded(property, isCut));
    const worse = properties.filter(({ fault, verdict }) =>
      verdict === "unknown" ? this.#misses.has(fault.property) : verdict === "violated",
    );
    const own = judged.verdict === "violated" ? [] : [judged.verdict];
    return { ...judged, properties, verdict: joinVerdicts([...own, ...worse.map(({ verdict }) => verdict)]) };
  }

  #concluded(property: JudgedProperty, isCut: boolean): JudgedProperty {
    const { control, fault, reason, verdict } = property;
    const miss = this.#misses.get(fault.property);
    if (miss === undefined) return property;
    const which = `${miss.runs.length === 1 ? "run" : "runs"} ${miss.runs.join(", ")}`;
    const times = `missed by little in ${miss.runs.length} of ${this.#runs} runs on this seed (${which}: ${miss.found})`;
    if (verdict === "violated" && this.#stands(property)) return { ...property, reason: reason ?? times };
    if (verdict !== "violated" && miss.runs.length === 1 && !isCut) return { ...property, reason: reason ?? times };
    return {
      fault: opened(fault),
      control: control && opened(control),
      verdict: "unknown",
      reason: `${times}; ${quieter}`,
    };
  }

  #miss(property: JudgedProperty): void {
    const id = property.fault.property;
    const before = this.#misses.get(id);
    if (before === undefined) this.#misses.set(id, { runs: [this.#runs], found: foundIn(property) });
    else before.runs.push(this.#runs);
  }

  #stands(property: JudgedProperty): boolean {
    if (!isSlight(property)) return true;
    const id = property.fault.property;
    return decidable.has(id) && (this.#misses.get(id)?.runs.length ?? 0) >= enough;
  }
}

/** All that was found of it, on either side. */
function isSlight({ control, fault }: JudgedProperty): boolean {
  return violatedOf(fault, control).every((judgement) => judgement.isSlight === true);
}

/** It stands no longer. */
function opened(judgement: Judgement): Judgement {
  if (judgement.verdict !== "violated") return judgement;
  return { ...judgement, verdict: "unknown", violations: [], blamed: [] };
}

function foundIn({ control, fault }: JudgedProperty): string {
  return violatedOf(fault, control)[0]?.violations[0]?.[0] ?? "";
}

function violatedOf(...judgements: readonly (Judgement | null)[]): readonly Judgement[] {
  return judgements.filter((judgement) => judgement !== null).filter(({ verdict }) => verdict === "violated");
}

function whyAgain({ properties, reasons, verdict }: JudgedPair, broken: readonly JudgedProperty[]): string {
  const open = properties.filter((property) => inconclusive.includes(property.verdict));
  const each = [...broken, ...open].map((property) => {
    return `${property.fault.property}: ${property.reason ?? foundIn(property)}`;
  });
  const what = broken.length > 0 ? "missed by little" : verdict;
  const why = verdict === "held" ? ["a bound was missed by little before"] : [...reasons, ...each];
  return `${what} (${why.join("; ")})`;
}
