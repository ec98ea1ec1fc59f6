/**
 * Simulation that is guided by its coverage: runs that reach something new are kept, and later runs branch from them. Scenario, scheduler, seed, shard,
 * the corpus that was read and the number of runs determine every run. The time that they take decides nothing but when a budget ends them.
 */
import type { Scenario } from "../../../scenarios/declare/declare.ts";
import { maxSeed } from "../../evidence/token.ts";
import { seededRandom } from "../../load/plan/seeded-random.ts";
import type { Millis } from "../../protocol/time.ts";
import { failuresOf, runSeed, scenarioNamed } from "../batch/batch.ts";
import { evidenceOf, type SimulateEvidence } from "../batch/evidence.ts";
import type { SimulateOptions } from "../batch/options.ts";
import { Successes } from "../batch/successes.ts";
import { Tally } from "../batch/tally.ts";
import { SpentInAll } from "../cost/spent.ts";
import type { Branch, Recipe } from "../plan/branch.ts";
import { unlessAborted } from "../run/run.ts";
import { Choices } from "./choose.ts";
import { Corpus } from "./corpus.ts";
import type { CorpusFolder, Shard } from "./corpus-folder.ts";
import { Coverage, families, type Reached } from "./coverage.ts";

export interface GuidedLimit {
  /** Ends it; the run that is being made is dropped. */
  readonly signal: AbortSignal;
  /** The signal aborts after so long: where something failed, the last part of it is for shrinking. Absent: there is no such limit. */
  readonly budget?: Millis;
}

export interface GuidedOptions
  extends GuidedLimit,
    Pick<SimulateOptions, "now" | "onProgress" | "onSeed" | "dir" | "untilFailure"> {
  readonly scenario: string;
  /** Every choice is drawn from it, and new seeds begin at it. */
  readonly seed: number;
  readonly shard: Shard;
  /** Most runs; absent: until the budget or the signal ends them. */
  readonly runs?: number | undefined;
  /** Absent: nothing is read, and nothing kept. */
  readonly corpus?: CorpusFolder | undefined;
  /** Its source reports the blocks that run (blocks.ts). */
  readonly planted: NonNullable<SimulateOptions["planted"]>;
  /** All runs are of new seeds: for comparisons. */
  readonly isRandom?: boolean;
}

/** The figures of a guided command, for machines. */
export interface GuidedFigures {
  readonly seed: number;
  readonly shard: string;
  /** With the same scenario, seed, shard, corpus and number of runs, the same runs are made. */
  readonly runs: number;
  /** New seeds: as they are, and with faults in their pauses. */
  readonly fresh: number;
  readonly filled: number;
  readonly redrawn: number;
  readonly changed: number;
  readonly reordered: number;
  /** By family; those of the corpus that was read count too. */
  readonly situations: Readonly<Record<string, number>>;
  /** How many runs later ones may branch from. */
  readonly kept: number;
  /** How many situations were known after so many runs. */
  readonly curve: readonly (readonly [runs: number, situations: number])[];
  /** The corpus that was read. */
  readonly read?: { readonly files: number; readonly runs: number };
}

export interface GuidedEvidence extends SimulateEvidence {
  readonly guided: GuidedFigures;
}

const nothing: Reached = new Map();
/** Shrinking one kind of failure takes at most so long, in ms, and all of them this share of a budget. */
const shrinkingTakes = 10_000;
const mostForShrinking = 0.25;

/** @throws UsageError for a scenario that there is not, or that cannot be simulated */
export async function runGuided(options: GuidedOptions): Promise<GuidedEvidence> {
  return runGuidedOf(scenarioNamed(options.scenario), options);
}

/** As `runGuided`, of a scenario that need not be in the registry. */
export async function runGuidedOf(
  scenario: Scenario,
  options: Omit<GuidedOptions, "scenario">,
): Promise<GuidedEvidence> {
  const { budget = Number.POSITIVE_INFINITY, corpus: folder, now, onProgress = () => {}, signal } = options;
  const { runs: most = Number.POSITIVE_INFINITY } = options;
  const startedAt = now();
  const session = new Session(scenario, options);
  const isOver = (): boolean => {
    const { groups, runs } = session.tally;
    const reserve = Math.min(groups.size * shrinkingTakes, budget * mostForShrinking);
    return runs >= most || signal.aborted || now() - startedAt >= budget - reserve;
  };
  while (!isOver()) {
    await session.next();
    const { tally, situations } = session;
    if (tally.runs % 10 === 0)
      onProgress(`${tally.runs} runs   ${situations} situations   ${tally.groups.size} kinds of failure`);
    if (options.untilFailure === true && session.hasFailed) break;
  }
  const wall = now() - startedAt;
  const { tally } = session;
  // Before failures are shrunk: an interrupted command may have no time after that.
  if (tally.runs > 0) folder?.write(session.own);
  const { seed: from } = options;
  const failures = await failuresOf(scenario, tally, { ...options, seeds: { from, to: from } });
  const evidence = session.evidence(wall, failures);
  const guided = session.figures(folder);
  return { ...evidence, guided, json: { ...evidence.json, guided } };
}

function wayOf({ branches }: Recipe): "fresh" | "filled" | Branch["how"] {
  const last = branches.at(-1);
  if (last === undefined) return "fresh";
  return branches.length === 1 && last.how === "changed" && last.from === 0 ? "filled" : last.how;
}

class Session {
  readonly tally: Tally;
  /** The situations that this command's runs reached. */
  readonly own = new Corpus();
  hasFailed = false;
  readonly #scenario: Scenario;
  readonly #options: Omit<GuidedOptions, "scenario">;
  readonly #all = new Corpus();
  readonly #successes: Successes;
  readonly #spent = { events: 0, virtualMs: 0 };
  readonly #computed = new SpentInAll();
  readonly #made = { fresh: 0, filled: 0, redrawn: 0, changed: 0, reordered: 0 };
  readonly #curve: [number, number][] = [];
  readonly #choices: Choices;
  /** New seeds of all shards together, so far. */
  #taken: number;

  constructor(scenario: Scenario, options: Omit<GuidedOptions, "scenario">) {
    const { corpus, seed, shard } = options;
    this.#scenario = scenario;
    this.#options = options;
    this.tally = new Tally(scenario.name);
    this.#successes = new Successes(scenario.load);
    if (corpus !== undefined) this.#all.merge(corpus.read);
    // A command that goes on from a corpus draws other choices and seeds than the one that made it.
    const { runs } = this.#all;
    const random = seededRandom(seed)(`guided ${shard.index} of ${shard.of} after ${runs}`);
    const { duration } = scenario;
    this.#choices = new Choices({ corpus: this.#all, random, newSeed: () => this.#newSeed(), duration });
    this.#taken = runs * shard.of + shard.index - 1;
  }

  get situations(): number {
    return this.#all.situations.size;
  }

  async next(): Promise<void> {
    const { isRandom = false, onSeed = () => {}, shard: _, ...options } = this.#options;
    const recipe = isRandom ? { seed: this.#newSeed(), branches: [] } : this.#choices.next();
    const coverage = new Coverage();
    const times = this.tally.runs === 0 ? "twice" : "once";
    const listeners = [this.#successes, coverage];
    const ran = await unlessAborted(runSeed(this.#scenario, recipe, { ...options, listeners }, times));
    if (ran === null) return;
    const { counted, line, spent, trace } = ran;
    this.#successes.keepRun();
    this.tally.add(counted);
    this.#computed.add(spent);
    this.#spent.events += line.events;
    this.#spent.virtualMs += line.virtual_ms;
    this.#made[wayOf(recipe)] += 1;
    this.hasFailed = line.verdict === "violated" || line.verdict === "broken";
    const reached = coverage.finish(counted.judgements);
    // A run that fails is reported; a branch of it would mostly fail in the same way.
    this.own.add(recipe, this.hasFailed ? nothing : reached);
    this.#choices.found(this.#all.add(recipe, this.hasFailed ? nothing : reached));
    if (/^[125]0*$/.test(String(this.tally.runs))) this.#curve.push([this.tally.runs, this.situations]);
    onSeed(line, trace);
  }

  #newSeed(): number {
    const { seed, shard } = this.#options;
    const next = (seed + this.#taken) % (maxSeed + 1);
    this.#taken += shard.of;
    return next;
  }

  evidence(wall: number, failures: Parameters<typeof evidenceOf>[1]["failures"]): SimulateEvidence {
    const { planted, seed } = this.#options;
    const { tally } = this;
    const [spent, computed] = [this.#spent, this.#computed];
    const unmet = tally.runs > 0 ? this.#successes.missing : [];
    const batch = { tally, spent, wall, failures, unmet, computed };
    return evidenceOf(this.#scenario, batch, { planted, seeds: { from: seed, to: seed } });
  }

  figures(folder: CorpusFolder | undefined): GuidedFigures {
    const { seed, shard } = this.#options;
    const situations = Object.fromEntries(families.map((one) => [one, this.#all.ofFamily(one).length]));
    return {
      ...{ seed, shard: `${shard.index}/${shard.of}`, runs: this.tally.runs, ...this.#made },
      ...{ situations, kept: this.#all.kept.size, curve: this.#curve },
      ...(folder === undefined ? {} : { read: { files: folder.files, runs: folder.read.runs } }),
    };
  }
}
