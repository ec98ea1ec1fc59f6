/**
 * S5: a dispatch asks no node for a place again, but to settle what became of a reserve; it settles that before it tries another node, so that no job has
 * two places; and it ends with the writes that it may make.
 */
import { inMs, type Judgement } from "../../check/judgement.ts";
import type { Called, JobRequested, JudgeEvent, Returned } from "../event.ts";
import { Findings } from "../findings.ts";
import type { Case, Judge } from "../judge.ts";
import { OpenReserves } from "./open-reserves.ts";

/** Once, and once more where the outcome is not known. */
const mostForOne = 2;

export function judgeDispatches(theCase: Case): Judge {
  return new Dispatches(theCase);
}

class Dispatches implements Judge {
  readonly property = "S5";
  readonly hears = ["called", "returned", ...OpenReserves.hears] as const;
  readonly operations = ["dispatch"] as const;
  readonly #case: Case;
  readonly #findings = new Findings("S5");
  /** By instance: job -> how often each node has been asked for a place since the job was last dispatched. */
  readonly #asked: readonly Map<string, Map<string, number>>[];
  readonly #openReserves: OpenReserves;
  #exercised = 0;

  constructor(theCase: Case) {
    this.#case = theCase;
    this.#asked = Array.from({ length: theCase.instances }, () => new Map<string, Map<string, number>>());
    this.#openReserves = new OpenReserves(theCase.instances);
  }

  on(event: JudgeEvent): void {
    if (event.kind === "called") this.#called(event);
    else if (event.kind === "job_requested" && event.script === "reserve_job") this.#placeAsked(event);
    else if (event.kind === "returned") this.#returned(event);
    this.#openReserves.on(event);
  }

  finish(): Judgement {
    return this.#findings.conclude({ exercised: this.#exercised });
  }

  #called({ instance, job }: Called): void {
    this.#asked[instance]?.set(job, new Map());
  }

  #placeAsked({ at, instance, job, node, request }: JobRequested): void {
    const elsewhere = this.#openReserves.nodeOf(instance, job);
    if (elsewhere !== undefined && elsewhere !== node) {
      this.#findings.violate(() => [
        `job ${job} was asked a place for on node ${node} while it may have one on node ${elsewhere}, allowed only once that is settled`,
        `request ${request} of instance ${instance} at ${inMs(at)}; it had no answer to the reserve on ${elsewhere}`,
      ]);
    }
    const asked = this.#asked[instance]?.get(job);
    if (asked === undefined) return;
    this.#exercised += 1;
    const times = (asked.get(node) ?? 0) + 1;
    asked.set(node, times);
    if (times <= mostForOne) return;
    this.#findings.violate(() => [
      `instance ${instance} asked node ${node} for a place for job ${job} ${times} times in one dispatch, allowed ${mostForOne}`,
      `request ${request} at ${inMs(at)}`,
    ]);
  }

  #returned({ at, call }: Returned): void {
    const { terms, timing } = this.#case;
    const { from, id, instance, job = "", to } = call;
    const until = to ?? at;
    const { writeLimit } = terms;
    const attempts = call.asked?.attempts;
    const dispatchWrites = attempts === undefined ? terms.dispatchWrites : attempts * mostForOne;
    // Of a history that was cut off the end is not there, and when the call returned is not known.
    if (dispatchWrites === undefined || writeLimit === undefined || !Number.isFinite(until)) return;
    if (timing.wasAway(instance, from, until)) return;
    const allowed = dispatchWrites * writeLimit;
    const took = timing.ran(instance, from, until);
    if (to !== null && took <= allowed + timing.grain) return;
    const found = to === null ? `had not returned after ${inMs(took)}` : `took ${inMs(took)}`;
    this.#findings.violate(
      () => [
        `dispatch of job ${job} on instance ${instance} ${found}, allowed ${inMs(allowed)}: ${dispatchWrites} writes at most`,
        `asked at ${inMs(from)}; ${timing.waitText(instance, from, until)}`,
      ],
      [id],
    );
  }
}
