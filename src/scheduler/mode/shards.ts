/**
 * The shards of the store: partitions that share a server share its fate, hence a mode. One server is one shard.
 *
 * Where a partition is only the store knows, and it may change. A server that takes over from another takes over its mode, and a part that is split off
 * begins with the mode of the whole. A partition that moves to a shard which exists has that one's mode from then on.
 */
import type { Instant } from "../../protocol/time.ts";
import type { PartitionTag } from "../../protocol/version.ts";
import type { Emit, EventPayload } from "../events.ts";
import { invariant } from "../invariant.ts";
import type { Clock, Store } from "../ports.ts";
import type { Settings } from "../settings.ts";
import { coldStart, type Mode } from "./mode.ts";
import { ModeKeeper } from "./mode-keeper.ts";

export interface Shard {
  /** In the order in which they were first seen. */
  readonly index: number;
  readonly mode: ModeKeeper;
  /** When the last read was sent to it. */
  lastReadAt: Instant;
}

export interface ShardPorts {
  readonly clock: Clock;
  readonly store: Pick<Store, "shards">;
  readonly settings: Settings;
  readonly emit: Emit;
}

const badness: Readonly<Record<Mode, number>> = { normal: 0, l2_only: 1, local_only: 2 };

export class Shards {
  readonly #ports: ShardPorts;
  /** As the store last named them. */
  #servers: readonly string[] | null = null;
  /** By server. */
  #known = new Map<string, Shard>();
  /** By partition; the configuration's is the last. */
  #places: readonly Shard[];
  #members = new Map<Shard, readonly PartitionTag[]>();
  #count = 0;
  #added: (shard: Shard) => void = () => {};

  constructor(ports: ShardPorts) {
    this.#ports = ports;
    const whole = this.#make(null);
    this.#places = Array.from({ length: ports.settings.partitions + 1 }, () => whole);
    this.#known.set("", whole);
    this.#note();
  }

  get all(): readonly Shard[] {
    return [...this.#members.keys()];
  }

  /** The worst of them. */
  get mode(): Mode {
    let worst: Mode = "normal";
    for (const { mode } of this.#members.keys()) if (badness[mode.mode] > badness[worst]) worst = mode.mode;
    return worst;
  }

  /** Whether some of them refuse writes, and some do not. */
  get isSplit(): boolean {
    if (this.#members.size === 1) return false;
    const allowing = this.all.filter(({ mode }) => mode.allowsWrites).length;
    return allowing > 0 && allowing < this.#members.size;
  }

  of(partition: PartitionTag): Shard {
    const shard = this.#places[partition === "cfg" ? this.#places.length - 1 : partition];
    invariant(shard !== undefined, "every partition has a shard", { partition });
    return shard;
  }

  /** What is on it; the same list while nothing has changed. Empty: it is no longer there. */
  members(shard: Shard): readonly PartitionTag[] {
    return this.#members.get(shard) ?? [];
  }

  /** @param added called for each shard, those there are at once */
  onAdded(added: (shard: Shard) => void): void {
    this.#added = added;
    for (const shard of this.all) added(shard);
  }

  /** Asks the store where its partitions are. */
  look(): void {
    const servers = this.#ports.store.shards?.() ?? null;
    if (servers === null || servers === this.#servers) return;
    this.#servers = servers;
    const known = new Map<string, Shard>();
    for (const server of servers) {
      const shard = this.#known.get(server);
      if (shard !== undefined) known.set(server, shard);
    }
    const added: Shard[] = [];
    this.#places = servers.map((server, place) => {
      const found = known.get(server) ?? this.#successor(place, known, added);
      known.set(server, found);
      return found;
    });
    this.#known = known;
    this.#note();
    for (const shard of added) this.#added(shard);
  }

  /** The shard for a server that was not there before, which has this place now. */
  #successor(place: number, known: ReadonlyMap<string, Shard>, added: Shard[]): Shard {
    const former = this.#places[place];
    invariant(former !== undefined, "the number of partitions is fixed", { place });
    if (![...known.values()].includes(former)) return former;
    const made = this.#make(former);
    added.push(made);
    return made;
  }

  #make(former: Shard | null): Shard {
    const { clock, settings } = this.#ports;
    const index = this.#count++;
    const emit: Emit = (change) => this.#emit(shard, change);
    const mode = new ModeKeeper({ clock, settings, emit }, former?.mode.state ?? coldStart(clock.now()));
    const shard: Shard = { index, mode, lastReadAt: former?.lastReadAt ?? Number.NEGATIVE_INFINITY };
    return shard;
  }

  #emit(shard: Shard, change: EventPayload): void {
    const isOne = this.#members.size === 1 || change.kind !== "mode_changed";
    this.#ports.emit(isOne ? change : { ...change, shard: shard.index, partitions: this.members(shard) });
  }

  #note(): void {
    const members = new Map<Shard, PartitionTag[]>();
    for (const [place, shard] of this.#places.entries()) {
      const tag = place === this.#places.length - 1 ? "cfg" : place;
      const own = members.get(shard);
      if (own === undefined) members.set(shard, [tag]);
      else own.push(tag);
    }
    this.#members = members;
  }
}
