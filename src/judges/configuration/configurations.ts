/**
 * Which configuration of the pools may be in force at an instance. Where an instance says which version it has taken over, it is held to that one, as it is
 * held to the version of its view; S4 decides whether it ought to have another. Where it says nothing, it may be any that a client has put, or none,
 * until one has been acknowledged for so long that every instance has to know it that was in `normal` meanwhile.
 */
import type { Call, Configuration, Millis, Wish } from "../../check/history.ts";
import type { PoolOrder } from "../../check/suitable.ts";
import type { Called, ConfigurationTaken, JudgeEvent } from "../event.ts";
import type { Case } from "../judge.ts";
import type { Part } from "../scene.ts";
import { prescribedPools } from "./pool-order.ts";

/** `unknown`: what the version contains was not seen. */
type Taken = Configuration | null | "unknown";

/** A client's `put_config`. */
interface Put {
  readonly from: Millis;
  to: Millis;
  isAcknowledged: boolean;
  /** undefined: it was not taken down. */
  readonly configuration: Configuration | undefined;
}

/** The pools of one call. */
interface Searched {
  readonly call: number;
  readonly wish: Wish;
  readonly job: string | null;
  readonly orders: readonly PoolOrder[] | null;
}

export function makeConfigurations(theCase: Case): Configurations {
  return new Configurations(theCase);
}

export class Configurations implements Part {
  readonly hears = ["called", "returned", "instance", "fault", "configuration_taken"] as const;
  readonly #case: Case;
  /** By instance: what it has taken over, in order. */
  readonly #taken: readonly Taken[][];
  /** Call -> how many its instance had taken over when it was made. */
  readonly #marks = new Map<number, number>();
  readonly #puts = new Map<number, Put>();
  #ended = -1;
  /** The last result of `poolsOf`: several judges ask for the same one, and only an event changes it. */
  #last: Searched | null = null;
  /** A server may have lost what had been put. */
  #isDisturbed = false;

  constructor(theCase: Case) {
    this.#case = theCase;
    this.#taken = Array.from({ length: theCase.instances }, () => [null]);
  }

  on(event: JudgeEvent): void {
    this.#last = null;
    switch (event.kind) {
      case "called":
        this.#called(event);
        break;
      case "returned":
        this.#returned(event.call);
        break;
      case "instance":
        if (event.state === "started" || event.state === "crashed") this.#taken[event.instance]?.push(null);
        break;
      case "fault":
        if (event.instance === null || event.link === "server") this.#isDisturbed = true;
        break;
      case "configuration_taken":
        this.#took(event);
        break;
      default:
        break;
    }
  }

  /**
   * The orders in which the pools may have to be searched for a call, one for each configuration that may have been in force since it was made; each once.
   *
   * @param job of a dispatch: the pool is chosen by it, where the request has no key
   * @returns null: nothing is known of the configuration
   */
  poolsOf(
    call: Pick<Call, "id" | "instance" | "from">,
    wish: Wish,
    job: string | null = null,
  ): readonly PoolOrder[] | null {
    if (wish.pool !== undefined) return [[wish.pool]];
    const last = this.#last;
    if (last !== null && last.call === call.id && last.wish === wish && last.job === job) return last.orders;
    const orders = this.#ordersOf(call, wish, job);
    this.#last = { call: call.id, wish, job, orders };
    return orders;
  }

  #ordersOf(call: Pick<Call, "id" | "instance" | "from">, wish: Wish, job: string | null): readonly PoolOrder[] | null {
    const all = this.#case.areConfigurationsSeen ? this.#takenSince(call) : this.#candidates(call);
    if (all.includes("unknown")) return null;
    const orders = all.map((one) => (one === "unknown" ? null : prescribedPools(wish, one, job)));
    return orders.length < 2 ? orders : [...new Map(orders.map((pools) => [JSON.stringify(pools), pools])).values()];
  }

  #takenSince({ id, instance }: Pick<Call, "id" | "instance">): readonly Taken[] {
    const own = this.#taken[instance] ?? [];
    const mark = this.#marks.get(id) ?? own.length;
    return [...new Set(own.slice(mark - 1))];
  }

  /** The configurations that may be in force at an instance that does not report its own. */
  #candidates({ from, instance }: Pick<Call, "instance" | "from">): readonly Taken[] {
    const { bounds, scene, timing } = this.#case;
    const since = from - 2 * bounds.staleness - timing.kept(instance, from - 2 * bounds.staleness, from);
    const normalSince = scene.normalSince(instance);
    const isBehind =
      this.#isDisturbed ||
      scene.wasTroubled(instance, since) ||
      normalSince === null ||
      normalSince > since ||
      timing.presentSince(instance, from) > since;
    const puts = [...this.#puts.values()];
    const known = isBehind ? undefined : puts.findLast(({ isAcknowledged, to }) => isAcknowledged && to <= since);
    const later = puts.filter((put) => known === undefined || put.to >= known.from);
    const contents = later.map(({ configuration }): Taken => configuration ?? "unknown");
    return [...new Set(known === undefined ? [null, ...contents] : contents)];
  }

  #called({ at, call, configuration, instance, op }: Called): void {
    if (op === "select_nodes" || op === "dispatch") this.#marks.set(call, this.#taken[instance]?.length ?? 0);
    if (op !== "put_config") return;
    this.#puts.set(call, { from: at, to: Number.POSITIVE_INFINITY, isAcknowledged: false, configuration });
  }

  #returned({ id, op, outcome, reply, to }: Call): void {
    this.#marks.delete(this.#ended); // judges still ask for the one that returns now
    this.#ended = id;
    const put = op === "put_config" ? this.#puts.get(id) : undefined;
    if (put === undefined) return;
    put.isAcknowledged = outcome === "ok" && (reply === "stored" || reply === "already");
    if (outcome === "fail" || reply === "conflict") this.#puts.delete(id);
    else if (put.isAcknowledged) put.to = to ?? Number.POSITIVE_INFINITY;
  }

  #took({ instance, version }: ConfigurationTaken): void {
    const found = version === null ? null : this.#case.truth.configuration(version);
    this.#taken[instance]?.push(found === undefined ? "unknown" : found);
  }
}
