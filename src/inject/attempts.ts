/**
 * How often a pair is run on one seed, and the joint verdict of its runs.
 *
 * A pair that proves too little is run again: the machine disturbed it, or had degraded an instance before the fault could. A violation stands at
 * once, unless it is marginal: a bound of time was missed by so little, while the thread was busy, that one run does not show the cause
 * (`Judgement.isMarginal`). Then two more runs are made for their evidence. A bound that was missed in any of them is `unknown` at best, never `held`:
 * a rare regression misses nothing in most runs.
 */
import { type Judgement, quieter } from "../check/judgement.ts";
import type { PropertyId } from "../check/properties.ts";
import { joinVerdicts, type Verdict } from "../check/verdict.ts";
import type { AttemptEvidence } from "../evidence/evidence.ts";
import type { JudgedPair, JudgedProperty } from "./pair.ts";

/** So many runs that prove too little are made. */
const mostOpen = 3;
/** So many runs are made from the first on in which a bound was missed. */
const enough = 3;
/** Properties that a busy thread alone does not violate again and again: an instance that misses the bound in each of those runs is to blame. */
const decidable: ReadonlySet<PropertyId> = new Set<PropertyId>(["D3"]);
/** The limit of all runs, where several bounds are missed one after the other. */
const most = 6;

const inconclusive: readonly Verdict[] = ["unknown", "not_exercised"];

/** A bound that was missed by a small amount. */
interface Miss {
  /** The runs in which it was, from 1. */
  readonly runs: number[];
  /** The first violation of the first of them. */
  readonly found: string;
}

export class Attempts {
  #open = 0;
  readonly #misses = new Map<PropertyId, Miss>();
  readonly #shown: AttemptEvidence[] = [];

  /** Runs that were judged. */
  get runs(): number {
    return this.#shown.length;
  }

  /** The result of each run, and why it was repeated. */
  get shown(): readonly AttemptEvidence[] {
    return this.#shown;
  }

  /** The runs with histories that show the verdict: those in which a bound was missed, and the last. */
  get decisive(): readonly number[] {
    const missed = [...this.#misses.values()].flatMap(({ runs }) => runs);
    return [...new Set([...missed, this.runs])].sort((a, b) => a - b);
  }

  /** One more run has been judged. @returns why the pair has to be run once more; null: it need not be */
  add(judged: JudgedPair): string | null {
    const run = this.runs + 1;
    const isOpen = inconclusive.includes(judged.verdict);
    if (isOpen) this.#open += 1;
    const broken = judged.properties.filter(({ verdict }) => verdict === "violated");
    for (const property of broken) if (isMarginal(property)) this.#miss(property, run);
    const again = this.#isDue(run, isOpen, broken) ? whyAgain(judged, broken) : null;
    const properties = judged.properties.map((property) => shownOf(property));
    this.#shown.push({ run, verdict: judged.verdict, ...(again !== null && { again }), properties });
    return again;
  }

  #isDue(run: number, isOpen: boolean, broken: readonly JudgedProperty[]): boolean {
    if (run === most || broken.some((property) => this.#stands(property))) return false;
    const last = Math.max(0, ...[...this.#misses.values()].map(({ runs: [first = 0] }) => first + enough - 1));
    return run < last || (isOpen && this.#open < mostOpen);
  }

  /** @param judged the last run */
  conclude(judged: JudgedPair): JudgedPair {
    if (this.#misses.size === 0) return judged;
    const properties = judged.properties.map((property) => this.#concluded(property));
    const worse = properties.filter(({ fault, verdict }) =>
      verdict === "unknown" ? this.#misses.has(fault.property) : verdict === "violated",
    );
    const own = judged.verdict === "violated" ? [] : [judged.verdict];
    return { ...judged, properties, verdict: joinVerdicts([...own, ...worse.map(({ verdict }) => verdict)]) };
  }

  #concluded(property: JudgedProperty): JudgedProperty {
    const { control, fault, reason, verdict } = property;
    const miss = this.#misses.get(fault.property);
    if (miss === undefined) return property;
    const which = `${miss.runs.length === 1 ? "run" : "runs"} ${miss.runs.join(", ")}`;
    const times = `missed by little in ${miss.runs.length} of ${this.runs} runs on this seed (${which}: ${miss.found})`;
    if (verdict === "violated" && this.#stands(property)) return { ...property, reason: reason ?? times };
    return {
      fault: opened(fault),
      control: control && opened(control),
      verdict: "unknown",
      reason: `${times}; ${quieter}`,
      cause: "machine_load",
    };
  }

  #miss(property: JudgedProperty, run: number): void {
    const id = property.fault.property;
    const before = this.#misses.get(id);
    if (before === undefined) this.#misses.set(id, { runs: [run], found: foundIn(property) });
    else before.runs.push(run);
  }

  #stands(property: JudgedProperty): boolean {
    if (!isMarginal(property)) return true;
    const id = property.fault.property;
    return decidable.has(id) && (this.#misses.get(id)?.runs.length ?? 0) >= enough;
  }
}

function shownOf(property: JudgedProperty): AttemptEvidence["properties"][number] {
  const { fault, reason, verdict } = property;
  const found = verdict === "violated" ? foundIn(property) : (reason ?? "");
  return { id: fault.property, verdict, ...(verdict !== "held" && found !== "" && { found }) };
}

/** All violations, on either side, are marginal. */
function isMarginal({ control, fault }: JudgedProperty): boolean {
  return violatedOf(fault, control).every((judgement) => judgement.isMarginal === true);
}

/** The violation does not stand. */
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
