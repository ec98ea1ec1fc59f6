/**
 * Part of D5: what an answer says of itself is true (docs/modes.md): its mode, its source, its age, and whether it is stale. Only of instances whose calls to
 * the store are observed, since these are what it is held against.
 */
import type { Call, Millis, ReadAnswer } from "../../check/history.ts";
import { inMs } from "../../check/judgement.ts";
import type {
  Changed,
  InstanceChanged,
  ModeChanged,
  RequestEnded,
  Requested,
  Sent,
  Settled,
  ViewMoved,
} from "../event.ts";
import type { Findings } from "../findings.ts";
import type { Case } from "../judge.ts";
import { mayBeHeard } from "../timing.ts";
import { CachedAnswers } from "./cached-answers.ts";
import { type Confirmations, wasSentAt } from "./confirmations.ts";
import type { ModeHistory } from "./mode-history.ts";
import { NotedAnswers } from "./noted-answers.ts";
import { isRead } from "./store-calls.ts";

type Answered = Call & { readonly to: Millis };

/** The known state of one instance. */
interface Asked {
  /** Node -> when a request for it alone was last sent, and when one was last answered. */
  readonly lookedUp: Map<string, Millis>;
  readonly lookups: Map<string, Millis>;
  /** Partitions that are loaded anew, since when. */
  readonly loading: Map<number, Millis>;
  /** When a read of the store was last answered, and when one last failed. */
  answeredAt: Millis;
  failedAt: Millis;
  inFlight: number;
  /** When a selection said that it was stale for a reason that was not seen yet. */
  doubtedAt: Millis | null;
}

/** A load that is due begins when what is in flight has ended. */
const patience: Millis = 100;
/** So long after a fault nothing is certain. */
const aftermath: Millis = 1_200;

export class Answers {
  readonly #case: Case;
  readonly #findings: Findings;
  readonly #confirmations: Confirmations;
  readonly #modes: ModeHistory;
  readonly #asked: Asked[];
  /** Node -> its partition. */
  readonly #partitions = new Map<string, number>();
  readonly #kept: CachedAnswers;
  readonly #noted: NotedAnswers;
  /** Requests that have not ended. */
  readonly #open = new Map<number, Requested>();
  #compared = 0;

  constructor(theCase: Case, findings: Findings, confirmations: Confirmations, modes: ModeHistory) {
    this.#case = theCase;
    this.#findings = findings;
    this.#confirmations = confirmations;
    this.#modes = modes;
    this.#kept = new CachedAnswers(theCase);
    this.#noted = new NotedAnswers(theCase, confirmations, {
      isWell: (call) => this.#isWell(call),
      untrue: (call, found, truth) => this.#untrue(call, found, truth),
    });
    this.#asked = Array.from({ length: theCase.instances }, nothing);
  }

  /** Answers that a degraded instance gave. */
  get compared(): number {
    return this.#compared;
  }

  /** The run has come to `at`. */
  comes(at: Millis): void {
    this.#noted.until(at);
  }

  requested(event: Requested): void {
    const { at, instance, page, partition, request } = event;
    const own = this.#asked[instance];
    if (page === "none") {
      this.#open.set(request, event);
      for (const node of event.nodes) {
        this.#partitions.set(node, partition);
        own?.lookedUp.set(node, at);
      }
      return;
    }
    if (page !== "first" || own === undefined) return;
    this.#kept.loaded(instance, partition, at);
    this.#noted.loaded(instance, at);
    own.doubtedAt = null;
    if (!own.loading.has(partition)) own.loading.set(partition, at);
  }

  ended(event: RequestEnded): void {
    const { at, instance, request } = event;
    const asked = this.#open.get(request);
    this.#open.delete(request);
    if (asked === undefined || !mayBeHeard(this.#case.timing, event, asked)) return;
    for (const node of asked.nodes) this.#asked[instance]?.lookups.set(node, at);
  }

  sent({ at, instance }: Sent): void {
    const own = this.#asked[instance];
    if (own === undefined) return;
    own.inFlight += 1;
    if (own.inFlight >= (this.#case.terms.maxCalls ?? Number.POSITIVE_INFINITY)) own.failedAt = at;
  }

  /** A call that is refused because too many are in flight is never sent: it fails unseen. */
  settled(event: Settled): void {
    const { at, instance, isProbe = false, outcome, script } = event;
    this.#noted.settled(event);
    const own = this.#asked[instance];
    if (own === undefined) return;
    if (own.inFlight >= (this.#case.terms.maxCalls ?? Number.POSITIVE_INFINITY)) own.failedAt = at;
    own.inFlight = Math.max(0, own.inFlight - 1);
    if (outcome !== "answered") own.failedAt = at;
    else if (!isProbe && isRead(script)) own.answeredAt = at;
  }

  moved({ at, by, instance, partition }: ViewMoved): void {
    this.#asked[instance]?.loading.delete(partition);
    if (by !== "load") return;
    this.#kept.loaded(instance, partition, at);
    this.#noted.loaded(instance, at);
  }

  changed({ instance }: ModeChanged): void {
    const own = this.#asked[instance];
    if (own !== undefined) own.doubtedAt = null;
  }

  placed({ at, entry: { node }, line: { partition } }: Changed): void {
    this.#partitions.set(node, partition);
    this.#kept.changed(node, at);
  }

  reborn({ instance, state }: InstanceChanged): void {
    if (state !== "crashed" && state !== "started") return;
    this.#asked[instance] = nothing();
    this.#kept.reborn(instance);
  }

  judge(call: Call): void {
    const { instance, outcome, read, to } = call;
    const { timing, watched } = this.#case;
    if (to === null || outcome !== "ok" || !watched.has(instance) || timing.wasStopped(instance, call.from, to)) return;
    const answered = { ...call, to };
    const modes = this.#modesOf(answered);
    if (!modes.includes("normal")) this.#compared += 1;
    if (read !== undefined) this.#judgeRead(answered, read, modes);
    else if (call.op === "select_nodes") this.#judgeSelection(answered, modes);
  }

  /** An answer and a change of mode may be timed in one moment, or by two clocks. */
  #modesOf({ instance, to }: Answered): readonly string[] {
    const { grain } = this.#case.timing;
    return this.#modes.within(instance, to - grain, to + grain);
  }

  #judgeSelection(call: Answered, modes: readonly string[]): void {
    const { from, instance, reply, stale } = call;
    if (!modes.includes(reply)) this.#untrue(call, `mode ${reply}`, `the instance was in ${modes.join(", ")}`);
    const own = this.#asked[instance];
    if (stale === undefined || own === undefined) return;
    if (!stale && !modes.includes("normal")) this.#untrue(call, "stale: false", "the instance was degraded");
    // When a load ended is not seen exactly elsewhere.
    if (this.#case.terms.modes === undefined) {
      this.#noted.add(call);
      return;
    }
    this.#judgeFollowed(call, stale);
    const loading = [...own.loading].find(([, since]) => since < from - this.#case.timing.grain);
    if (!stale && loading !== undefined)
      this.#untrue(call, "stale: false", `partition ${loading[0]} was being loaded anew since ${inMs(loading[1])}`);
    if (own.doubtedAt !== null && own.doubtedAt + patience < from)
      this.#untrue(call, "stale: true", "the instance was in normal, and loaded nothing anew");
    const isHealthy = modes.every((mode) => mode === "normal") && own.loading.size === 0 && this.#isConfirmed(call);
    own.doubtedAt = stale && isHealthy ? (own.doubtedAt ?? from) : null;
  }

  /** A selection that is not stale is of partitions that were all confirmed lately: a poll is due by then, and takes a read or two. */
  #judgeFollowed(call: Answered, stale: boolean): void {
    const { from, instance } = call;
    const { following, readLimit } = this.#case.terms;
    if (stale || following === undefined || readLimit === undefined || !this.#case.areCallsSeen) return;
    const least = from - following - readLimit - this.#case.timing.grain;
    for (let partition = 0; partition < this.#case.partitions; partition += 1) {
      const asked = this.#confirmations.of(instance, partition)?.answered.at(-1);
      if (asked === undefined || asked >= least) continue;
      this.#untrue(
        call,
        "stale: false",
        `partition ${partition} was last confirmed by a request sent at ${inMs(asked)}`,
      );
      return;
    }
  }

  /** Whether nothing is done to the instance, and every partition was confirmed lately. */
  #isConfirmed({ from, instance }: Answered): boolean {
    const { scene, terms } = this.#case;
    if (scene.wasTroubled(instance, from - aftermath)) return false;
    const since = from - (terms.following ?? 0);
    return [...this.#confirmations.all(instance)].every(({ certain }) => certain !== undefined && certain > since);
  }

  #judgeRead(call: Answered, read: ReadAnswer, modes: readonly string[]): void {
    const { node = "" } = call;
    const { mode, source, stale } = read;
    if (!modes.includes(mode)) this.#untrue(call, `mode ${mode}`, `the instance was in ${modes.join(", ")}`);
    if (source === "none" && !(stale && !read.found)) {
      this.#untrue(call, `source none with found: ${read.found}, stale: ${stale}`, "what is not held is not confirmed");
    } else this.#judgeClaim(call, read);
    if (!this.#case.areCallsSeen) {
      this.#noted.add(call);
      return;
    }
    if (!stale || source === "redis") this.#judgeConfirmed(call, source);
    else this.#judgeStale(call, modes);
    if (!read.found && !stale && source === "l2") this.#judgeUnasked(call, modes);
    this.#judgeAge(call, read);
    const kept = this.#kept.due(call, read, this.#partitions.get(node));
    if (kept !== null) this.#untrue(call, `source ${source}`, `L1 had an answer that was confirmed at ${inMs(kept)}`);
  }

  /** L1, a remembered miss and the store itself answer what is confirmed; a degraded instance has nothing else that is. */
  #judgeClaim(call: Answered, { source, stale }: ReadAnswer): void {
    const isKept = source === "l1" || source === "miss";
    if (stale && (isKept || source === "redis"))
      this.#untrue(call, `source ${source} with stale: true`, "it is confirmed");
    if (stale || isKept || this.#modesDuring(call).includes("normal")) return;
    this.#untrue(call, `source ${source} with stale: false`, "the instance was degraded");
  }

  /** By what an answer is confirmed: by the cache alone, at once, or by what the store has answered meanwhile. */
  #judgeConfirmed(call: Answered, source: string): void {
    const { from, instance, node = "", to } = call;
    const own = this.#asked[instance];
    if (own === undefined) return;
    const since = from - this.#case.timing.grain;
    if (source === "redis" && !((own.lookups.get(node) ?? Number.NEGATIVE_INFINITY) >= since))
      this.#untrue(call, "source redis", "no request for this node was answered meanwhile");
    else if (source === "l2" && !(own.answeredAt >= since))
      this.#untrue(call, "source l2 and stale: false", "nothing was answered meanwhile that could confirm it");
    else if ((source === "l1" || source === "miss") && to - from > this.#case.timing.atOnce)
      this.#untrue(call, `source ${source}`, `it took ${inMs(to - from)}, and a cache answers at once`);
  }

  /** Where nothing is wrong, an answer is confirmed in time. One that was waited for in vain leaves a call in flight. */
  #judgeStale(call: Answered, modes: readonly string[]): void {
    const { from, instance, to } = call;
    const { terms, timing } = this.#case;
    const own = this.#asked[instance];
    if (terms.modes === undefined || terms.readLimit === undefined || own === undefined) return;
    if (!this.#isHealthy(call, modes) || own.failedAt >= from || own.loading.size > 0) return;
    const hadTime = to - from <= terms.readLimit - timing.grain;
    if (!hadTime && own.inFlight > 0) return;
    const truth = hadTime ? "had time left to ask" : "waited for nothing that it had asked";
    this.#untrue(call, "stale: true", `the instance was in normal, under no fault, and ${truth}`);
  }

  /** The store is asked by name for a node that the view does not have. Its answer stands, unless it is of another epoch than the view. */
  #judgeUnasked(call: Answered, modes: readonly string[]): void {
    const { from, instance, node = "" } = call;
    const own = this.#asked[instance];
    const { bounds, timing } = this.#case;
    if (own === undefined || own.failedAt >= from - timing.grain) return;
    // A node that was in the view may have been removed meanwhile, or be missing in another one.
    if (this.#kept.mayHaveHeard(call, this.#partitions.get(node), from)) return;
    // A read that joins a request may come a while after it.
    const wasAsked = (own.lookedUp.get(node) ?? Number.NEGATIVE_INFINITY) >= from - bounds.budget;
    if (wasAsked && !this.#isHealthy(call, modes)) return;
    const truth = wasAsked ? "the store had answered for this node" : "the store had not been asked for this node";
    this.#untrue(call, "found: false, source l2", truth);
  }

  #modesDuring({ from, instance, to }: Answered): readonly string[] {
    const { grain } = this.#case.timing;
    return this.#modes.within(instance, from - grain, to + grain);
  }

  #isWell(call: Answered): boolean {
    return this.#asked[call.instance]?.loading.size === 0 && this.#isHealthy(call, this.#modesDuring(call));
  }

  /** Whether it was in normal, and nothing had been done to it for a while. */
  #isHealthy({ from, instance }: Answered, modes: readonly string[]): boolean {
    return modes.every((mode) => mode === "normal") && !this.#case.scene.wasTroubled(instance, from - aftermath);
  }

  /** An age counts from when a request was sent that was answered; of the view, from the last one that showed it to be current. */
  #judgeAge(call: Answered, { age_ms: age, source }: ReadAnswer): void {
    const { instance, node = "", to } = call;
    const { grain: slack } = this.#case.timing;
    const partition = this.#partitions.get(node);
    const known = partition === undefined ? undefined : this.#confirmations.of(instance, partition);
    const claimed = to - age;
    const latest = known?.answered.at(-1) ?? this.#confirmations.lastSent(instance);
    if (age >= 0 && claimed > latest + slack && latest > Number.NEGATIVE_INFINITY) {
      this.#untrue(call, `age_ms ${inMs(age)}`, `no request that was answered was sent after ${inMs(latest)}`);
      return;
    }
    if (known === undefined) return;
    const certain = known.heardAt < to ? known.certain : known.before;
    const isOfView = source === "l2" || source === "none";
    if (isOfView && certain !== undefined && (age < 0 || claimed < certain - slack)) {
      const found = age < 0 ? "no age" : `age_ms ${inMs(age)}`;
      this.#untrue(call, found, `its partition was confirmed by a request sent at ${inMs(certain)}`);
    } else if (age >= 0 && !wasSentAt(known.answered, claimed, slack))
      this.#untrue(call, `age_ms ${inMs(age)}`, `no request that was answered was sent at ${inMs(claimed)}`);
  }

  #untrue(call: Answered, found: string, truth: string): void {
    const { from, id, instance, node = "", op, read, to } = call;
    const source = read === undefined ? "" : `, from ${read.source}`;
    this.#findings.violate(
      () => [
        `${op} ${node} on instance ${instance} answered ${found}, allowed is what was true: ${truth}`,
        `asked at ${inMs(from)}, answered at ${inMs(to)}${source}`,
      ],
      [id],
    );
  }
}

function nothing(): Asked {
  const never = Number.NEGATIVE_INFINITY;
  const times = { answeredAt: never, failedAt: never, doubtedAt: null };
  return { lookedUp: new Map(), lookups: new Map(), loading: new Map(), inFlight: 0, ...times };
}
