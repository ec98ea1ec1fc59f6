/**
 * The certain knowledge of a node's clients: its offers, its incarnations, and from when until when it is online. A
 * registration or a goodbye makes that uncertain from its call on until its answer; without an answer, for good.
 */
import type { Call, Millis, NodeOffer } from "../../check/history.ts";
import type { Terms } from "../../check/judgement.ts";

export type Answered = Call & { readonly to: Millis };

/** From when until when, by acknowledged calls. */
interface Stay {
  readonly since: Millis;
  until: Millis;
}

interface Incarnation {
  /** The offer of its registration: several where the system gave the name again. Empty: it is not known. */
  readonly offers: NodeOffer[];
  /** When its registration was called, and answered for the first time. */
  readonly from: Millis;
  readonly to: Millis;
  /** Acknowledged heartbeats, each with a higher number than all before it, and when its answer came. */
  acknowledged: { readonly seq: number; readonly to: Millis }[];
}

/** The incarnation that a registration finds, as far as it is certain. */
export interface LastIncarnation {
  /** null: it is not known. */
  readonly incarnation: string | null;
  /** Until when it is certainly online, and there to be replaced. */
  readonly until: Millis;
}

export class KnownNode {
  /** The offers of all registrations that may have taken effect. */
  readonly offers: NodeOffer[] = [];
  readonly incarnations = new Map<string, Incarnation>();
  readonly leastTtl: Millis;
  readonly #longestTtl: Millis;
  /** When what was known was last forgotten: a registration before may have been undone. */
  forgottenAt: Millis = Number.NEGATIVE_INFINITY;
  /** Registrations and goodbyes in flight, and those that never were answered. */
  #open = 0;
  #openRegistrations = 0;
  /** When the last of them was called or answered. */
  #disturbedAt: Millis = Number.NEGATIVE_INFINITY;
  #online: Stay | null = null;
  #goneSince: Millis | null = null;
  /** When the last call for it was acknowledged that found it online. */
  #renewedAt: Millis = Number.POSITIVE_INFINITY;
  /** Heartbeats that may renew it yet, and when the last call that may have was answered; infinity: it is not known. */
  readonly #openBeats = new Set<number>();
  #signAt: Millis = Number.POSITIVE_INFINITY;
  /** Whether it has sent heartbeats without a pause of its TTL since the last that was acknowledged, whatever became of them. */
  #keepsSending = false;
  /** The offer and the incarnation of the registration that was certainly the last; null: it is not known. */
  #offer: NodeOffer | null = null;
  #last: string | null = null;

  constructor({ heartbeatTtl, ttlSpread }: Pick<Terms, "heartbeatTtl" | "ttlSpread">) {
    this.leastTtl = heartbeatTtl * (1 - ttlSpread);
    this.#longestTtl = heartbeatTtl * (1 + ttlSpread);
  }

  /** Whether an incarnation may be in force that no client has heard of. */
  get mayBeUnheard(): boolean {
    return this.#openRegistrations > 0;
  }

  /** The offers that may be in force: the last one, where that is certain. */
  get mayOffer(): readonly NodeOffer[] {
    return this.offer === null ? this.offers : [this.offer];
  }

  get leastCapacity(): number {
    return Math.min(...this.mayOffer.map(({ max_jobs }) => max_jobs));
  }

  get mostCapacity(): number {
    return Math.max(...this.mayOffer.map(({ max_jobs }) => max_jobs));
  }

  /** Since when it has been gone by an acknowledged goodbye that no registration may have followed; null: it may be there. */
  get goneSince(): Millis | null {
    return this.#open > 0 ? null : this.#goneSince;
  }

  /** When it was past its time at the latest; null: a call may have renewed it, or may yet. */
  get overdueAt(): Millis | null {
    const isOpen = this.#open > 0 || this.mayBeRenewed || !Number.isFinite(this.#signAt);
    return isOpen ? null : this.#signAt + this.#longestTtl;
  }

  /** Whether a heartbeat is in flight, or was never answered. */
  get mayBeRenewed(): boolean {
    return this.#openBeats.size > 0;
  }

  /** Its offer, where that is certain; null: it is not. */
  get offer(): NodeOffer | null {
    return this.#open > 0 ? null : this.#offer;
  }

  /** The incarnation of the registration that was certainly the last; null: it is not known. */
  get last(): string | null {
    return this.#open > 0 ? null : this.#last;
  }

  get lastIncarnation(): LastIncarnation {
    return { incarnation: this.last, until: this.onlineUntil };
  }

  /** Since when it is certainly online, if it is so until `at`; null: it may not be. */
  onlineSince(at: Millis): Millis | null {
    return this.#online !== null && this.#online.until > at ? this.#online.since : null;
  }

  /** Until when it is certainly online, as far as is known now. */
  get onlineUntil(): Millis {
    return this.#online?.until ?? Number.NEGATIVE_INFINITY;
  }

  /** Whether it was past its time only while no instance reached the store, for as long as a TTL at the least, and has sent heartbeats all the while. */
  isOverdueBy({ from, to }: { readonly from: Millis; readonly to: Millis }): boolean {
    const until = this.onlineUntil;
    return this.#keepsSending && this.isQuietSince(from) && until > from && until <= to && to - from >= this.leastTtl;
  }

  /** Whether it was past its time at `at`, by the calls that were acknowledged. */
  isOverdue(at: Millis): boolean {
    return at - this.#renewedAt > this.#longestTtl;
  }

  /** Whether no registration and no goodbye was in flight at any moment since. */
  isQuietSince(at: Millis): boolean {
    return this.#open === 0 && this.#disturbedAt < at;
  }

  called(at: Millis, op: "register_node" | "offline_node", offer: NodeOffer | undefined): void {
    this.#open += 1;
    this.#disturbedAt = at;
    this.#online = null;
    this.#offer = null;
    this.#last = null;
    if (op !== "register_node") return;
    this.#openRegistrations += 1;
    this.#goneSince = null;
    if (offer !== undefined) this.offers.push(offer);
  }

  /**
   * @param isRepeated the network may deliver the call again later
   * @returns whether it certainly was the last of them: of two that were in flight together either may have been
   */
  returned({ from, incarnation, offer, op, outcome, reply, to }: Answered, isRepeated: boolean): boolean {
    const isUndisturbed = this.#disturbedAt <= from;
    this.#disturbedAt = to;
    if (outcome === "info" || isRepeated) return false; // it may take effect at any later moment
    this.#open -= 1;
    if (op === "register_node") this.#openRegistrations -= 1;
    if (outcome !== "ok") return false;
    const isLast = isUndisturbed && this.#open === 0;
    if (op === "offline_node" && isLast && (reply === "offline" || reply === "already")) this.#goneSince = to;
    if (op !== "register_node" || incarnation === undefined) return isLast;
    const before = this.incarnations.get(incarnation);
    // A store that has lost its data may give the same name again.
    const offers = before?.offers ?? [];
    if (reply === "registered" && offer !== undefined) offers.push(offer);
    if (reply === "registered" && (before === undefined || before.to <= this.forgottenAt))
      this.incarnations.set(incarnation, { offers, from, to, acknowledged: [] });
    if ((reply === "registered" || reply === "already") && isLast) {
      this.#offer = offer ?? null;
      this.#last = incarnation;
      this.#openBeats.clear(); // those of former incarnations renew it no more
      this.#signAt = to;
      this.#stay(from, to);
    }
    return isLast;
  }

  /** Whether it certainly was its last incarnation, and nothing that may have ended it was in flight since. */
  isLast(incarnation: string, since: Millis): boolean {
    return this.#last === incarnation && this.isQuietSince(since);
  }

  beatCalled(call: number, at: Millis): void {
    if (at - this.#signAt >= this.leastTtl) this.#keepsSending = false;
    this.#openBeats.add(call);
    this.#signAt = Math.max(this.#signAt, at);
  }

  /** Without an answer it may renew the node at any later moment. */
  beatReturned({ id, outcome, to }: Answered): void {
    if (outcome !== "info") this.#openBeats.delete(id);
    this.#signAt = Math.max(this.#signAt, to);
  }

  /** A heartbeat was acknowledged as `renewed`. */
  renewed({ from, incarnation, seq = -1, to }: Answered): void {
    const own = incarnation === undefined ? undefined : this.incarnations.get(incarnation);
    if (own !== undefined && seq > (own.acknowledged.at(-1)?.seq ?? -1)) own.acknowledged.push({ seq, to });
    if (this.isQuietSince(from)) this.#stay(from, to);
  }

  /** Discards the knowledge: a fault may have changed the content of the store, or its clock. */
  forget(at: Millis): void {
    this.forgottenAt = at;
    this.#online = null;
    this.#offer = null;
    this.#last = null;
    this.#signAt = Number.POSITIVE_INFINITY;
    this.#goneSince = null;
    this.#disturbedAt = at;
    for (const incarnation of this.incarnations.values()) incarnation.acknowledged = [];
  }

  #stay(from: Millis, to: Millis): void {
    this.#renewedAt = to;
    const until = from + this.leastTtl;
    this.#keepsSending = true;
    if (this.#online === null || this.#online.until < from) this.#online = { since: to, until };
    else this.#online.until = Math.max(this.#online.until, until);
  }
}
