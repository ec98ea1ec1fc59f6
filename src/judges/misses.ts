/**
 * C2: lookups of a missing node cost at most one Redis request per miss TTL and instance; counted where requests are sent, and where they arrive.
 *
 * A request that was answered in time leaves a mark. It ends before its time by a registration of the node, or by a load of its whole partition.
 */
import type { Call, Millis } from "../check/history.ts";
import { inMs, type Judgement } from "../check/judgement.ts";
import type { InstanceChanged, JudgeEvent, RequestEnded, Requested, Served } from "./event.ts";
import { Findings } from "./findings.ts";
import type { Case, Judge } from "./judge.ts";
import { mayBeHeard } from "./timing.ts";

/** The requests of one instance for one node. */
interface Lookup {
  readonly partition: number;
  /** Its last request, and how long its sender waits. */
  request: number;
  askedAt: Millis;
  deadline: Millis;
  outcome: "open" | "marked" | "unmarked";
  /** When the last request was sent whose answer may have left a mark; minus infinity: none was. */
  answeredOf: Millis;
  /** When a mark was last ended, or turned out not to be one. */
  clearedAt: Millis;
  /** How often it was answered. */
  answers: number;
  /** Whether the last request has arrived; and how many were given up that had not, and may arrive late. */
  hasArrived: boolean;
  late: number;
}

/** How often the server was asked for a node by one instance, and when last. */
interface Serving {
  at: Millis;
  /** When that request was sent, or earlier. */
  sentAt: Millis;
  count: number;
}

/** Two requests of an instance for a node within the TTL of its mark. */
interface Repeated {
  readonly instance: number;
  readonly node: string;
  readonly where: "sent" | "arrived at the server";
  readonly first: Millis;
  readonly second: Millis;
  /** When the first was sent, or earlier. */
  readonly sentAt: Millis;
}

export function judgeMisses(theCase: Case): Judge {
  return new Misses(theCase);
}

class Misses implements Judge {
  readonly property = "C2";
  readonly hears = ["requested", "request_ended", "served", "returned", "instance"] as const;
  readonly operations = ["get_node"] as const;
  readonly #case: Case;
  readonly #findings = new Findings("C2");
  /** By instance, then by node. */
  readonly #lookups: readonly Map<string, Lookup>[];
  readonly #servings: readonly Map<string, Serving>[];
  /** Requests that have not ended; and those of them whose instance has crashed, which may still arrive. */
  readonly #open = new Map<number, Requested>();
  readonly #ofTheDead = new Set<number>();
  /** By instance: when it last crashed, and lost all its marks. */
  readonly #crashedAt: Millis[];
  #absorbed = 0;
  #answered = 0;
  #sent = 0;
  #served = 0;
  #repeatedAtSender = 0;
  #repeatedAtServer = 0;

  constructor(theCase: Case) {
    this.#case = theCase;
    this.#lookups = Array.from({ length: theCase.instances }, () => new Map<string, Lookup>());
    this.#crashedAt = Array.from({ length: theCase.instances }, () => Number.NEGATIVE_INFINITY);
    this.#servings = Array.from({ length: theCase.instances }, () => new Map<string, Serving>());
  }

  on(event: JudgeEvent): void {
    switch (event.kind) {
      case "requested":
        this.#open.set(event.request, event);
        if (event.page === "none") for (const node of event.nodes) this.#asked(event, node);
        else this.#loads(event);
        break;
      case "request_ended":
        this.#ended(event);
        break;
      case "served":
        this.#arrived(event);
        break;
      case "returned":
        if (event.call.read?.source === "miss") this.#absorb(event.call);
        break;
      case "instance":
        if (event.state === "crashed") this.#crashed(event);
        break;
      default:
        break;
    }
  }

  finish(): Judgement {
    for (const [instance, own] of this.#lookups.entries()) {
      for (const [node, { answers }] of own) {
        const missing = answers - (this.#servings[instance]?.get(node)?.count ?? 0);
        if (missing > 0) this.#findings.unseen(missing);
      }
    }
    return this.#findings.conclude({
      // Nothing is shown where no request was counted at the server.
      exercised: this.#served === 0 ? 0 : this.#absorbed,
      judged: this.#answered,
      measures: [
        { name: "requests_sent", value: this.#sent },
        { name: "requests_served", value: this.#served },
        {
          name: "repeated_within_miss_ttl",
          value: Math.max(this.#repeatedAtSender, this.#repeatedAtServer),
          threshold: 0,
        },
      ],
    });
  }

  #crashed({ at, instance }: InstanceChanged): void {
    this.#lookups[instance]?.clear();
    this.#crashedAt[instance] = at;
    for (const [request, asked] of this.#open) if (asked.instance === instance) this.#ofTheDead.add(request);
  }

  #asked({ at, deadline, instance, partition, request }: Requested, node: string): void {
    this.#sent += 1;
    const own = this.#lookups[instance];
    const before = own?.get(node);
    if (before === undefined) {
      const never = Number.NEGATIVE_INFINITY;
      own?.set(node, {
        ...{ partition, request, askedAt: at, deadline, outcome: "open" },
        ...{ answeredOf: never, clearedAt: never, answers: 0, hasArrived: false, late: 0 },
      });
      return;
    }
    const { askedAt } = before;
    // Its sender has given up an earlier one that is still open past its deadline.
    if (before.outcome === "open" && at - askedAt >= before.deadline) {
      before.clearedAt = at;
      if (!before.hasArrived) before.late += 1;
    }
    const isMarked = before.outcome !== "unmarked" && before.clearedAt < askedAt;
    if (isMarked && this.#isSoon(askedAt, at) && !this.#hasRegistered(node, askedAt, at)) {
      const isOwn = this.#judgeTwice({ instance, node, where: "sent", first: askedAt, second: at, sentAt: askedAt });
      if (isOwn) this.#repeatedAtSender += 1;
    }
    before.request = request;
    before.askedAt = at;
    before.deadline = deadline;
    before.outcome = "open";
    before.hasArrived = false;
  }

  /** A mark lasts from the moment of its request: what is sent when it ends is sent on time. */
  #isSoon(first: Millis, second: Millis): boolean {
    return second - first < this.#case.terms.missTtl - this.#case.timing.grain;
  }

  /** A load clears the marks of its partition when it begins and when it ends. */
  #loads({ at, instance, partition }: Pick<Requested, "at" | "instance" | "partition">): void {
    for (const lookup of this.#lookups[instance]?.values() ?? []) {
      if (lookup.partition === partition) lookup.clearedAt = at;
    }
  }

  #ended(event: RequestEnded): void {
    const { at, isHeard, missing, request } = event;
    const asked = this.#open.get(request);
    if (asked === undefined) return;
    this.#open.delete(request);
    if (asked.page !== "none") {
      this.#loads({ ...asked, at });
      return;
    }
    const mayLeaveMark = mayBeHeard(this.#case.timing, event, asked);
    const view = this.#case.scene.view(asked.instance, asked.partition);
    for (const node of asked.nodes) {
      const lookup = this.#lookups[asked.instance]?.get(node);
      if (lookup === undefined) continue;
      // A node that was there leaves no mark, nor does an answer in an epoch that the instance does not follow.
      const isMissing = missing === undefined || (missing.nodes.includes(node) && missing.epoch === view?.epoch);
      const isMarked = isHeard && isMissing;
      if (mayLeaveMark) lookup.answeredOf = Math.max(lookup.answeredOf, asked.at);
      if (!isHeard && lookup.request === request && !lookup.hasArrived) lookup.late += 1;
      if (!isMarked) lookup.clearedAt = at;
      if (lookup.request === request) lookup.outcome = isMarked ? "marked" : "unmarked";
      // A request from just before the load began may have been served before the server was watched.
      if (!isHeard || asked.at < this.#case.truth.lag) continue;
      this.#answered += 1;
      lookup.answers += 1;
    }
  }

  /** A request takes its time to the server, and the mark counts from when it was sent. */
  #sentAt({ at, instance, node, request }: Served): Millis {
    const asked = request === undefined ? undefined : this.#open.get(request);
    if (asked !== undefined) return asked.at;
    const askedAt = this.#lookups[instance]?.get(node)?.askedAt;
    const earliest = at - this.#case.bounds.budget - this.#case.truth.lag;
    return askedAt !== undefined && askedAt >= earliest && askedAt <= at ? askedAt : earliest;
  }

  #arrived(event: Served): void {
    const { at, instance, node, request } = event;
    this.#served += 1;
    const own = this.#servings[instance];
    const before = own?.get(node);
    const never = Number.NEGATIVE_INFINITY;
    const isOfTheDead = request !== undefined && this.#ofTheDead.has(request);
    const isLate = !isOfTheDead && this.#isLate(instance, node);
    const count = 1 + (before?.count ?? 0);
    const nothing = { at: never, sentAt: never };
    const kept = isLate ? (before ?? nothing) : { at, sentAt: this.#sentAt(event) };
    own?.set(node, { ...(isOfTheDead ? nothing : kept), count });
    if (isOfTheDead || isLate) return;
    if (before === undefined || !this.#isSoon(before.sentAt, at)) return;
    const { lag } = this.#case.truth;
    const crashed = this.#crashedAt[instance] ?? Number.NEGATIVE_INFINITY;
    const cleared = Math.max(crashed, this.#lookups[instance]?.get(node)?.clearedAt ?? crashed);
    if (cleared >= before.at - lag || this.#hasRegistered(node, before.at - lag, at + lag)) return;
    const isOwn = this.#judgeTwice({
      ...{ instance, node, where: "arrived at the server", first: before.at },
      ...{ second: at, sentAt: before.sentAt },
    });
    if (isOwn) this.#repeatedAtServer += 1;
  }

  /**
   * The mark lasts from the time that the instance took from its clock, and a machine that then kept it waiting made the first request later than that.
   * @returns whether it is a violation
   */
  #judgeTwice(repeated: Repeated): boolean {
    const { instance, second, sentAt } = repeated;
    const { terms, timing } = this.#case;
    const missing = sentAt + terms.missTtl - timing.grain - second;
    const blame = timing.blame(missing, sentAt - missing - timing.grain, sentAt, instance);
    this.#findings.late(blame, false, () => this.#twice(repeated));
    return blame === "instance";
  }

  /** Whether the arrival may be that of a request that its sender has given up: one arrival for each of those, which leaves no mark. */
  #isLate(instance: number, node: string): boolean {
    const lookup = this.#lookups[instance]?.get(node);
    if (lookup === undefined) return false;
    if (lookup.late === 0) {
      lookup.hasArrived = true;
      return false;
    }
    lookup.late -= 1;
    return true;
  }

  /** Answered from a mark, which the instance can have only of a request, and for no longer than its TTL allows. */
  #absorb(call: Call): void {
    const { from, instance, node = "" } = call;
    const { bounds, terms, truth } = this.#case;
    const lookup = this.#lookups[instance]?.get(node);
    // The mark lasts from the request on, and no longer; elsewhere a call may be noted later than it was made.
    const late = this.#case.areCallsSeen ? this.#case.timing.grain : bounds.budget;
    const longest = terms.missTtl + late + truth.lag;
    if (lookup !== undefined && (lookup.outcome === "open" || lookup.answeredOf >= from - longest)) {
      this.#absorbed += 1;
      return;
    }
    this.#findings.violate(
      () => [
        `instance ${instance} answered a lookup of node ${node} from a mark, without having asked for the node, allowed within ${inMs(terms.missTtl)} of a request`,
        `asked at ${inMs(from)}`,
      ],
      [call.id],
    );
  }

  /** Whether the node may have registered in that time: then it was not missing any more, whatever became of it since. */
  #hasRegistered(node: string, from: Millis, to: Millis): boolean {
    for (let partition = 0; partition < this.#case.partitions; partition += 1) {
      for (const line of this.#case.truth.of(partition)) {
        for (const { kind, since } of line.since(node, from)) if (kind === "registered" && since <= to) return true;
      }
    }
    return false;
  }

  #twice({ first, instance, node, second, where }: Repeated): readonly string[] {
    return [
      `two requests of instance ${instance} for the missing node ${node} ${where} ${inMs(second - first)} apart, allowed one in ${inMs(this.#case.terms.missTtl)}`,
      `at ${inMs(first)} and ${inMs(second)}; the node did not register meanwhile`,
    ];
  }
}
