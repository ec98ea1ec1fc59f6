/**
 * D6: an instance refuses writes exactly where docs/modes.md says so ("Writes while degraded"): then they fail at once, and nothing is sent but the repetition of
 * a reserve; otherwise they are sent. In every mode `applied` is true: what is said not to have happened never does, and what is said to have an unknown
 * outcome was sent.
 */
import type { Call, Millis, Op } from "../../check/history.ts";
import { inMs, type Judgement } from "../../check/judgement.ts";
import type {
  Called,
  CommandLinkChanged,
  InstanceChanged,
  JobServed,
  JudgeEvent,
  ModeChanged,
  Returned,
  Sent,
  Settled,
} from "../event.ts";
import { Findings } from "../findings.ts";
import type { Case, Judge } from "../judge.ts";
import type { EpochLine } from "../truth.ts";
import { DeniedWrites, subjectOf } from "./denied-writes.ts";
import { isFollowed } from "./followed.ts";
import { isRead, saysGone } from "./store-calls.ts";
import { WriteGate } from "./write-gate.ts";

/** The known state of one instance. */
interface Standing {
  gate: WriteGate;
  degradedSince: Millis | null;
  /** Its connection for commands, as far as that is seen. */
  isConnected: boolean;
  /** Script of a write -> when the last one was sent. */
  readonly lastSent: Map<string, Millis>;
  /** Calls of clients without an end: subject -> call. */
  readonly asked: Map<string, Map<number, Asked>>;
  /** Reserves of which it does not know what became: job, and node. */
  readonly uncertain: Map<string, string>;
  /** Jobs whose client has given up waiting: what is answered later settles nothing. */
  readonly aborted: Set<string>;
  /** When a client last gave up waiting. */
  abortedAt: Millis;
  /** When calls were without an answer for longer than the instance waits by its own clock. */
  readonly givenUp: Span[];
}

interface Span {
  readonly from: Millis;
  readonly to: Millis;
}

/** A write that was refused although it was to be sent, unless a call turns out to have been given up by then. */
interface Unexplained {
  readonly own: Standing;
  readonly call: Call & { readonly to: Millis };
  readonly degradedSince: Millis | null;
}

/** A reserve that has not ended. */
interface Reserve {
  readonly subject: string;
  readonly node: string;
  /** Where the store has run it. */
  line: EpochLine | null;
}

/** A write that a client asks for. */
interface Asked {
  /** Nothing may be sent for it. */
  readonly isRefused: boolean;
  /** It has to be sent. */
  readonly isOwed: boolean;
  /** Another call about the same was without an end too: what is sent may be for either. */
  isShared: boolean;
  /** When something was first sent for it. */
  sentAt: Millis | null;
}

const writes = [
  ...(["register_node", "heartbeat", "offline_node", "dispatch", "reserve_job"] as const),
  ...(["complete_job", "release_job", "put_config"] as const),
] as const;

/** The script of an operation, where that has another name. */
const scripts: Readonly<Partial<Record<Op, string>>> = { dispatch: "reserve_job" };

export function judgeRefusedWrites(theCase: Case): Judge {
  return new RefusedWrites(theCase);
}

class RefusedWrites implements Judge {
  readonly property = "D6";
  readonly hears = [
    ...(["called", "returned", "sent", "settled", "mode", "instance"] as const),
    ...(["written", "change", "job_served", "command_link"] as const),
  ] as const;
  readonly operations = writes;
  readonly #case: Case;
  readonly #findings = new Findings("D6");
  readonly #standings: Standing[];
  readonly #denied: DeniedWrites;
  /** By request. */
  readonly #reserves = new Map<number, Reserve>();
  readonly #unexplained: Unexplained[] = [];
  #refused = 0;
  /** Writes that a degraded instance had to send, and did. */
  #sentOn = 0;

  constructor(theCase: Case) {
    this.#case = theCase;
    this.#standings = Array.from({ length: theCase.instances }, () => this.#standing(true));
    this.#denied = new DeniedWrites(theCase, this.#findings);
  }

  on(event: JudgeEvent): void {
    switch (event.kind) {
      case "called":
        this.#called(event);
        break;
      case "returned":
        this.#returned(event);
        break;
      case "sent":
        if (!isRead(event.script)) this.#sent(event);
        break;
      case "settled":
        this.#settled(event);
        break;
      case "mode":
        this.#changed(event);
        break;
      case "written":
        this.#denied.written(event);
        break;
      case "change":
        this.#denied.changed(event);
        break;
      case "job_served":
        this.#served(event);
        break;
      case "command_link":
        this.#linked(event);
        break;
      case "instance":
        this.#reborn(event);
        break;
      default:
        break;
    }
  }

  finish(): Judgement {
    this.#denied.judge();
    for (const one of this.#unexplained) this.#judgeUnexplained(one);
    return this.#findings.conclude({
      exercised: this.#refused + this.#sentOn,
      judged: this.#refused + this.#sentOn + this.#denied.judged,
      measures: [
        { name: "writes_refused", value: this.#refused },
        { name: "writes_sent_while_degraded", value: this.#sentOn },
        { name: "denied_writes_compared", value: this.#denied.judged },
      ],
    });
  }

  #standing(isNormal: boolean): Standing {
    return {
      gate: new WriteGate(this.#case.timing.grain, isNormal),
      ...{ degradedSince: null, isConnected: true, lastSent: new Map() },
      ...{ asked: new Map(), uncertain: new Map(), aborted: new Set(), abortedAt: Number.NEGATIVE_INFINITY },
      givenUp: [],
    };
  }

  #changed(change: ModeChanged): void {
    const own = this.#standings[change.instance];
    if (own === undefined) return;
    own.gate.changed(change);
    if (change.to === "normal") own.degradedSince = null;
    else if (change.from === "normal") own.degradedSince = change.at;
  }

  #reborn({ at, instance, state }: InstanceChanged): void {
    if (state === "crashed" || state === "started") this.#standings[instance] = this.#standing(false);
    else this.#standings[instance]?.gate.lose(at);
  }

  #linked({ at, instance, isUp }: CommandLinkChanged): void {
    const own = this.#standings[instance];
    if (own === undefined) return;
    own.isConnected = isUp;
    own.gate.lose(at);
  }

  #settled(event: Settled): void {
    const { instance, outcome, partition, request, version } = event;
    const own = this.#standings[instance];
    if (own === undefined) return;
    const isOurs = version === undefined ? null : isFollowed(this.#case, instance, partition, version);
    const givenUpFrom = outcome === "answered" || outcome === "deadline" ? this.#givenUpFrom(own, event) : null;
    if (givenUpFrom !== null && (outcome === "answered" || own.gate.openedAt >= givenUpFrom)) own.gate.endedLate(event);
    else if (outcome === "answered" && event.isAborted !== true) own.gate.answered(event, isOurs);
    else if (saysGone(event) && this.#mayBeAborted(own, event)) own.gate.lose(event.at);
    else if (saysGone(event)) own.gate.missed(event);
    const reserve = request === undefined ? undefined : this.#reserves.get(request);
    if (reserve === undefined || request === undefined) return;
    this.#reserves.delete(request);
    if (outcome !== "answered" || this.#isOfThePast(instance, reserve))
      own.uncertain.set(reserve.subject, reserve.node);
    else own.uncertain.delete(reserve.subject);
  }

  /**
   * After its own timeout and the grace beside the instance has ceased to wait, though the call of its client ends later: it may have taken the call for late
   * since then. null: it waited to the end.
   */
  #givenUpFrom({ givenUp }: Standing, { at, deadline, from }: Settled): Millis | null {
    const { writeLimit = 0, writeTimeout = writeLimit } = this.#case.terms;
    const span = { from: from + deadline + writeLimit - writeTimeout, to: at };
    if (span.to <= span.from) return null;
    givenUp.push(span);
    return span.from;
  }

  /** An answer in an epoch that the instance has abandoned settles nothing. */
  #isOfThePast(instance: number, { line }: Reserve): boolean {
    if (line === null) return false;
    const view = this.#case.scene.view(instance, line.partition);
    return view !== null && view.epoch !== line.epoch;
  }

  #served({ line, request }: JobServed): void {
    const reserve = this.#reserves.get(request);
    if (reserve !== undefined) reserve.line = line;
  }

  #called({ call, instance, job, node, op }: Called): void {
    const own = this.#standings[instance];
    if (own === undefined) return;
    const isWatched = this.#case.watched.has(instance);
    const isRefused = isWatched && own.degradedSince !== null && own.gate.isOpen === false;
    const isOwed = isWatched && own.gate.isOpen === true && own.isConnected;
    const subject = subjectOf(op, node, job);
    const all = own.asked.get(subject) ?? new Map<number, Asked>();
    own.asked.set(subject, all);
    if (all.size === 1) for (const other of all.values()) other.isShared = true;
    all.set(call, { isRefused, isOwed, isShared: all.size > 0, sentAt: null });
  }

  #sent(event: Sent): void {
    const { at, instance, job, node, request, script } = event;
    const own = this.#standings[instance];
    if (own === undefined) return;
    own.lastSent.set(script, at);
    const subject = job === undefined || node === undefined ? null : subjectOf(script, node, job);
    if (this.#isRefusing(own, at) && !this.#mayRepeat(own, event, subject)) this.#sentAnyway(event, own);
    if (subject === null) return;
    const asked = own.asked.get(subject);
    if (asked?.size === 1) for (const one of asked.values()) one.sentAt ??= at;
    if (request === undefined) return;
    this.#denied.sent(request, instance, subject, at);
    if (script !== "reserve_job") return;
    this.#reserves.set(request, { subject, node: node ?? "", line: null });
    own.uncertain.set(subject, node ?? "");
  }

  /** A request sent in the moment in which a call failed may have been sent before the instance knew. */
  #isRefusing({ degradedSince, gate }: Standing, at: Millis): boolean {
    const { grain } = this.#case.timing;
    return degradedSince !== null && gate.isOpen === false && at > Math.max(degradedSince, gate.closedAt) + grain;
  }

  /** @param subject null: it is not known what is sent */
  #mayRepeat({ aborted, uncertain }: Standing, { node, script }: Sent, subject: string | null): boolean {
    return script === "reserve_job" && (subject === null || aborted.has(subject) || uncertain.get(subject) === node);
  }

  #sentAnyway({ at, instance, job = "", node = "", script }: Sent, { degradedSince }: Standing): void {
    this.#findings.violate(() => [
      `instance ${instance} sent ${script} ${job || node} while it was degraded, allowed only after a probe has been answered`,
      `at ${inMs(at)}; degraded since ${inMs(degradedSince ?? at)}, and no probe had been answered since a call last failed`,
    ]);
  }

  /** Where it is not seen which call a client has aborted: then the instance does not look at its end. */
  #mayBeAborted({ abortedAt }: Standing, { from, isAborted, script }: Settled): boolean {
    return !this.#case.areCallsSeen && isAborted === undefined && !isRead(script) && abortedAt >= from;
  }

  #returned({ at, call }: Returned): void {
    const { from, id, instance, job = "", node = "", op, to } = call;
    const own = this.#standings[instance];
    const subject = subjectOf(op, node, job);
    const all = own?.asked.get(subject);
    const asked = all?.get(id);
    all?.delete(id);
    if (all?.size === 0) own?.asked.delete(subject);
    if (call.reply === "aborted" && own !== undefined) {
      own.aborted.add(subject);
      own.abortedAt = at;
      if (!this.#case.areCallsSeen) own.gate.loseSince(call.aborted ?? from);
    }
    const { timing } = this.#case;
    const until = to ?? at;
    const isJudged = own !== undefined && to !== null && !timing.wasAway(instance, from, until) && asked !== undefined;
    if (!isJudged) this.#denied.mayHave(call);
    else this.#judge({ ...call, to }, asked, own);
  }

  #judge(call: Call & { readonly to: Millis }, asked: Asked, own: Standing): void {
    const { job = "", node = "", op, outcome, reply } = call;
    const { areCallsSeen, timing } = this.#case;
    if (outcome !== "fail" || reply.startsWith("threw") || asked.isShared) this.#denied.mayHave(call);
    else this.#denied.denied(call, asked.sentAt !== null || !areCallsSeen);
    if (asked.isShared && areCallsSeen) return;
    const subject = subjectOf(op, node, job);
    const mayBeThere = own.uncertain.has(subject) || own.aborted.has(subject);
    if (areCallsSeen && outcome === "info" && asked.sentAt === null && !mayBeThere) this.#notSent(call);
    // A dispatch may have settled what became of a reserve, where that is not seen.
    const { openedAt } = own.gate;
    const isOpened = openedAt >= call.from && openedAt <= call.from + timing.grain;
    if (asked.isOwed) this.#judgeOwed(call, own);
    if (!asked.isRefused || isOpened || (!areCallsSeen && call.op === "dispatch")) return;
    if (asked.sentAt === null) this.#refused += 1;
    this.#judgeWait(call, asked.sentAt ?? call.to);
  }

  /** @param until when something was sent for it, or when it ended */
  #judgeWait(call: Call & { readonly to: Millis }, until: Millis): void {
    const { from, id, instance } = call;
    const { timing } = this.#case;
    const waited = timing.ran(instance, from, until);
    const late = waited - timing.atOnce;
    if (late <= 0) return;
    const isMarginal = timing.isMarginal(late, from, until, instance);
    const story = (): readonly string[] => [
      `${inWords(call)} waited for ${inMs(waited)} though the instance was degraded, allowed is to fail at once`,
      `asked at ${inMs(from)}; ${timing.waitText(instance, from, until)}`,
    ];
    this.#findings.late(timing.blameForCall(late, call), isMarginal, story, [id]);
  }

  /** A degraded instance never sends a write that it refuses, and answers it at once. */
  #judgeOwed(call: Call & { readonly to: Millis }, own: Standing): void {
    const { from, op, outcome, reply } = call;
    const { degradedSince, gate, isConnected, lastSent } = own;
    const { grain } = this.#case.timing;
    const script = scripts[op] ?? op;
    const wasSent = (lastSent.get(script) ?? Number.NEGATIVE_INFINITY) >= from - grain;
    if (wasSent && degradedSince !== null) this.#sentOn += 1;
    const isStill = gate.isOpen === true && isConnected;
    if (wasSent || !isStill || outcome !== "fail" || reply !== "disconnected") return;
    this.#unexplained.push({ own, call, degradedSince });
  }

  #judgeUnexplained({ own, call, degradedSince }: Unexplained): void {
    const { from, id, instance, to } = call;
    const { grain } = this.#case.timing;
    if (own.givenUp.some((span) => span.from <= to + grain && span.to >= from - grain)) return;
    this.#findings.violate(
      () => [
        `${inWords(call)} was refused, allowed only after a late or failed write, a failed read or a second miss in a row, and until a probe is answered`,
        `asked at ${inMs(from)}, answered at ${inMs(to)}; instance ${instance} was ${degradedSince === null ? "in normal" : `degraded since ${inMs(degradedSince)}`}`,
      ],
      [id],
    );
  }

  #notSent(call: Call & { readonly to: Millis }): void {
    const { from, id, reply, to } = call;
    this.#findings.violate(
      () => [
        `${inWords(call)} ended as ${reply}, applied unknown, and nothing had been sent for it, allowed is applied no`,
        `asked at ${inMs(from)}, answered at ${inMs(to)}`,
      ],
      [id],
    );
  }
}

function inWords({ instance, job = "", node = "", op }: Call): string {
  return `${op} ${job || node} on instance ${instance}`;
}
