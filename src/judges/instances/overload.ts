/**
 * K5: what an instance holds and sends is bounded, whatever its clients do. The calls of clients in flight stay within `maxCalls`, and none is refused while
 * there is room; cached answers stay within `maxEntries` (`Entries`); and no load of clients keeps an instance in `normal` from asking what has changed.
 */
import type { Call, Millis } from "../../check/history.ts";
import { inMs, type Judgement } from "../../check/judgement.ts";
import type { InstanceChanged, JudgeEvent, ModeChanged, RequestEnded, Settled } from "../event.ts";
import { Findings } from "../findings.ts";
import type { Case, Judge } from "../judge.ts";
import { Entries } from "./entries.ts";
import { Intervals } from "./intervals.ts";

/** Calls that only clients cause. A look-up of a node is one too, and is seen by itself. */
const ofClients: ReadonlySet<string> = new Set([
  ...["register_node", "heartbeat", "offline_node", "reserve_job", "complete_job", "release_job", "put_config"],
]);
const ofFollowing: ReadonlySet<string> = new Set(["changes_since", "snapshot"]);

/** One instance. */
interface Standing {
  readonly calls: Intervals;
  /** Calls of clients that were refused as too many. */
  readonly refused: Call[];
  /** By partition: when the store was last asked what has changed. */
  readonly askedAt: Map<number | "cfg", Millis>;
  /** Since when it has been in `normal`; null: it is not, or does not run. */
  normalSince: Millis | null;
}

export function judgeLimits(theCase: Case): Judge {
  return new Overload(theCase);
}

class Overload implements Judge {
  readonly property = "K5";
  readonly hears = [
    ...(["settled", "requested", "request_ended", "returned", "view", "change"] as const),
    ...(["mode", "instance", "phase"] as const),
  ];
  readonly #case: Case;
  readonly #findings = new Findings("K5");
  readonly #standings: readonly Standing[];
  readonly #entries: Entries;
  /** Look-ups without an end -> when they were sent. */
  readonly #lookUps = new Map<number, Millis>();
  #longestGap = 0;

  constructor(theCase: Case) {
    this.#case = theCase;
    this.#entries = new Entries(theCase, this.#findings);
    this.#standings = Array.from({ length: theCase.instances }, () => ({
      ...{ calls: new Intervals(), refused: [], askedAt: new Map<number | "cfg", Millis>(), normalSince: null },
    }));
  }

  on(event: JudgeEvent): void {
    switch (event.kind) {
      case "settled":
        this.#settled(event);
        break;
      case "requested":
        if (event.page === "none") this.#lookUps.set(event.request, event.at);
        // A load begins because what was kept is not to be trusted any more.
        else if (event.page === "first") this.#entries.forget(event.instance);
        break;
      case "request_ended":
        this.#lookedUp(event);
        break;
      case "returned":
        if (event.call.reply === "overloaded") this.#standings[event.call.instance]?.refused.push(event.call);
        this.#entries.returned(event.call);
        break;
      case "view":
      case "change":
        this.#entries.changed(event);
        break;
      case "mode":
        this.#changed(event);
        break;
      case "instance":
        this.#entries.forget(event.instance);
        this.#stood(event);
        break;
      case "phase":
        if (event.name === "end") for (const index of this.#standings.keys()) this.#close(index, event.at);
        break;
      default:
        break;
    }
  }

  finish(): Judgement {
    const { maxCalls = Number.POSITIVE_INFINITY } = this.#case.terms;
    const peaks = this.#standings.map(({ calls }) => calls.peak());
    for (const [instance, { at, count }] of peaks.entries()) {
      if (count <= maxCalls) continue;
      this.#findings.violate(() => [
        `instance ${instance} had ${count} calls of clients in flight, allowed ${maxCalls}`,
        `at ${inMs(at)}`,
      ]);
    }
    for (const standing of this.#standings)
      for (const call of standing.refused) this.#refused(standing, call, maxCalls);
    const refused = this.#standings.reduce((sum, one) => sum + one.refused.length, 0);
    return this.#findings.conclude({
      exercised: refused,
      measures: [
        { name: "calls_in_flight_max", value: Math.max(0, ...peaks.map(({ count }) => count)), threshold: maxCalls },
        { name: "time_without_a_look_ms_max", value: this.#longestGap },
      ],
    });
  }

  #settled({ at, from, instance, outcome, partition = 0, script }: Settled): void {
    const standing = this.#standings[instance];
    if (standing === undefined) return;
    // A call that was refused at once was not in flight.
    if (ofClients.has(script) && (outcome === "answered" || at > from)) standing.calls.add(from, at);
    if (!ofFollowing.has(script)) return;
    this.#judgeGap(instance, partition, from);
    standing.askedAt.set(partition, Math.max(from, standing.askedAt.get(partition) ?? Number.NEGATIVE_INFINITY));
  }

  #lookedUp({ at, instance, request }: RequestEnded): void {
    const from = this.#lookUps.get(request);
    this.#lookUps.delete(request);
    if (from !== undefined) this.#standings[instance]?.calls.add(from, at);
  }

  #changed({ at, instance, to }: ModeChanged): void {
    if (to !== "normal") this.#close(instance, at);
    const standing = this.#standings[instance];
    if (standing !== undefined) standing.normalSince = to === "normal" ? at : null;
  }

  /** A process that has ended has nothing in flight for anybody; what it did not do is not looked for. */
  #stood({ at, instance, state }: InstanceChanged): void {
    if (state === "crashed" || state === "closing") this.#close(instance, at);
    const standing = this.#standings[instance];
    if (standing === undefined || state === "paused" || state === "resumed") return;
    standing.normalSince = null;
    standing.askedAt.clear();
  }

  /** The time since each partition was asked about last, until now. */
  #close(instance: number, at: Millis): void {
    for (const partition of this.#standings[instance]?.askedAt.keys() ?? []) this.#judgeGap(instance, partition, at);
  }

  #judgeGap(instance: number, partition: number | "cfg", at: Millis): void {
    const { terms, timing } = this.#case;
    const { askedAt, normalSince = null } = this.#standings[instance] ?? {};
    const { following } = terms;
    if (normalSince === null || following === undefined) return;
    const since = Math.max(normalSince, askedAt?.get(partition) ?? normalSince);
    const gap = timing.ran(instance, since, at);
    this.#longestGap = Math.max(this.#longestGap, gap);
    const late = gap - following;
    if (late <= timing.grain) return;
    const blame = timing.blame(late, since, at, instance);
    this.#findings.late(blame, timing.isMarginal(late, since, at, instance), () => [
      `instance ${instance} did not ask what had changed in partition ${partition} for ${inMs(gap)} in normal, allowed ${inMs(following)}`,
      `from ${inMs(since)} to ${inMs(at)}; ${timing.waitText(instance, since, at)}`,
    ]);
  }

  /** Too many were in flight at some moment of a call that was refused for that. */
  #refused({ calls }: Standing, { from, id, instance, op, to }: Call, maxCalls: number): void {
    const { timing } = this.#case;
    const until = to ?? from;
    if (timing.wasAway(instance, from - longest, until + longest)) return;
    const most = calls.most(from, until, timing.rounding);
    if (most >= maxCalls) return;
    this.#findings.violate(
      () => [
        `${op} on instance ${instance} was refused as overloaded with ${most} calls of clients in flight, allowed from ${maxCalls} on`,
        `asked at ${inMs(from)}`,
      ],
      [id],
    );
  }
}

/** No call that was in flight when a process ended is known to have been; none lasts longer than this. */
const longest: Millis = 1_000;
