/**
 * K3: every Redis operation ends by its deadline, and by the documented one: an instance that allows itself more does not move the bound. So does what is
 * made of them: a write that a client asks for takes no longer than the calls that it made, as far as they were seen, and than those that it may make.
 */
import type { Call, Millis } from "../../check/history.ts";
import { inMs, type Judgement } from "../../check/judgement.ts";
import type { JudgeEvent, Overdue, Returned, Settled } from "../event.ts";
import { Findings } from "../findings.ts";
import { chunksOf } from "../jobs/chunks.ts";
import type { Case, Judge } from "../judge.ts";
import { RequestTimes } from "../linear/requests/request-times.ts";
import { isRead } from "../modes/store-calls.ts";

/** A write is made again with the keys that the store says it needs, this often at most, and once more where it may have happened. */
const mostRounds = 4;
/** Each further part of a heartbeat's jobs is a write of its own, once more where it may have happened. */
const roundsOfChunk = 2;

/** A write, and until when it was waited for. */
interface LongCall {
  readonly call: Call;
  readonly until: Millis;
}

export function judgeDeadlines(theCase: Case): Judge {
  return new Deadlines(theCase);
}

class Deadlines implements Judge {
  readonly property = "K3";
  readonly hears = ["settled", "overdue", "returned"] as const;
  readonly operations = [
    ...(["register_node", "heartbeat", "offline_node", "put_config"] as const),
    ...(["dispatch", "reserve_job", "complete_job", "release_job"] as const),
  ] as const;
  readonly #case: Case;
  readonly #findings = new Findings("K3");
  readonly #requests = new RequestTimes();
  /** Writes that took longer than one call may. */
  readonly #long: LongCall[] = [];
  #judged = 0;
  #exercised = 0;
  #worst = 0;

  constructor(theCase: Case) {
    this.#case = theCase;
  }

  on(event: JudgeEvent): void {
    if (event.kind === "settled") this.#settled(event);
    else if (event.kind === "overdue") this.#overdue(event);
    else if (event.kind === "returned") this.#returned(event);
  }

  finish(): Judgement {
    for (const long of this.#long) this.#judgeCall(long);
    const { measures, openText: open } = this.#case.timing;
    return this.#findings.conclude({
      exercised: this.#exercised,
      judged: this.#judged,
      open,
      measures: this.#judged === 0 ? [] : [{ name: "past_deadline_ms_max", value: this.#worst }, ...measures],
    });
  }

  /** By its sender's own deadline, and by the documented one. A call that its client keeps no timeout for may last for the grace beside. */
  #allowed({ deadline, isUntimed, script }: Pick<Settled, "script" | "deadline" | "isUntimed">): Millis {
    const { readLimit, writeLimit = 0, writeTimeout } = this.#case.terms;
    const documented = isRead(script) ? readLimit : writeTimeout;
    const grace = isUntimed === true ? writeLimit - (writeTimeout ?? writeLimit) : 0;
    return (documented === undefined ? deadline : Math.min(deadline, documented)) + grace;
  }

  #settled(settled: Settled): void {
    const { at, from, instance, outcome, script } = settled;
    const { scene, timing } = this.#case;
    const deadline = this.#allowed(settled);
    this.#requests.add(settled);
    if (from < timing.watchedSince) return;
    this.#judged += 1;
    if (scene.wasMet(instance, from)) this.#exercised += 1;
    const took = timing.ran(instance, from, at);
    this.#worst = Math.max(this.#worst, took - deadline);
    const late = took - deadline - timing.grain;
    if (late <= 0) return;
    const isMarginal = timing.isMarginal(late, from, at, instance);
    this.#findings.late(timing.blame(late, from, at, instance), isMarginal, () => [
      `${script} of instance ${instance} ended after ${inMs(took)}, allowed ${inMs(deadline)}`,
      `begun at ${inMs(from)}, ended as ${outcome}; ${timing.waitText(instance, from, at)}`,
    ]);
  }

  #overdue(overdue: Overdue): void {
    const { at, from, instance, script } = overdue;
    const { timing } = this.#case;
    const deadline = this.#allowed(overdue);
    this.#requests.add(overdue);
    if (from < timing.watchedSince) return;
    const took = timing.ran(instance, from, at);
    const late = took - deadline - timing.grain;
    if (late <= 0) return;
    this.#findings.late(timing.blame(late, from, at, instance), false, () => [
      `${script} of instance ${instance} had not ended after ${inMs(took)}, allowed ${inMs(deadline)}`,
      `begun at ${inMs(from)}; ${timing.waitText(instance, from, at)}`,
    ]);
  }

  #returned({ at, call }: Returned): void {
    const { scene, terms, timing } = this.#case;
    const { from, instance, to } = call;
    const until = to ?? Math.min(at, scene.givenUpAt);
    // A history that was cut off has no end, and it is not known when the call returned.
    if (terms.writeLimit === undefined || !Number.isFinite(until)) return;
    if (from < timing.watchedSince || timing.wasAway(instance, from, until)) return;
    if (timing.ran(instance, from, until) > terms.writeLimit + timing.grain) this.#long.push({ call, until });
  }

  #judgeCall({ call, until }: LongCall): void {
    const { terms, timing } = this.#case;
    const { from, id, instance, node = "", op, to } = call;
    // A dispatch makes writes for several nodes: how many, S5 judges.
    const most = op === "dispatch" ? Number.POSITIVE_INFINITY : mostRounds + roundsOfChunk * (chunksOf(call) - 1);
    const seen = this.#requests.within({ ...call, to: until });
    const rounds = seen === 0 ? most : Math.min(seen, most);
    const allowed = rounds * (terms.writeLimit ?? 0);
    const took = timing.ran(instance, from, until);
    const late = took - allowed - timing.grain;
    if (late <= 0) return;
    const blame = timing.blameForCall(late, { ...call, to: until });
    const isMarginal = timing.isMarginal(late, from, until, instance);
    const found = to === null ? `had not returned after ${inMs(took)}` : `took ${inMs(took)}`;
    const writes = seen === 0 ? `${rounds} writes at most` : `${rounds} of the writes seen meanwhile`;
    this.#findings.late(
      blame,
      isMarginal,
      () => [
        `${op} ${node} on instance ${instance} ${found}, allowed ${inMs(allowed)}: ${writes}`,
        `asked at ${inMs(from)}; ${timing.waitText(instance, from, until)}`,
      ],
      [id],
    );
  }
}
