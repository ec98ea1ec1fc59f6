/** The environment of a row: servers, nodes, instances and rounds. */
import type { Lab } from "../../lab/lab.ts";
import type { RedisServer } from "../../lab/servers/redis.ts";
import type { Settings } from "../../scheduler/settings.ts";
import { type Claim, type ClaimId, claims } from "../claims.ts";
import { redisCpu } from "../measure/cpu.ts";
import { judge, type Round } from "../measure/round.ts";
import { type Watched, watch } from "../measure/watch.ts";
import type { Peers } from "../peers/peers.ts";
import {
  type BenchMutant,
  type Instance,
  type InstanceOptions,
  longTimeouts,
  startInstance,
  type WrapStore,
} from "./instance.ts";
import { type Population, populate } from "./population.ts";
import type { Sizes } from "./sizes.ts";

export interface WorldOptions {
  readonly lab: Lab;
  readonly seed: number;
  readonly sizes: Sizes;
  readonly signal: AbortSignal;
  readonly progress: (text: string) => void;
  readonly peers: Peers | null;
  readonly mutant?: BenchMutant | undefined;
}

interface Populated {
  readonly server: RedisServer;
  readonly population: Population;
}

/** Nodes of a bench stay online although most rows send no heartbeats. */
const lasting = { heartbeatTtl: 12 * 3_600_000, lease: 12 * 3_600_000 } as const satisfies Partial<Settings>;

export class World {
  readonly #options: WorldOptions;
  readonly #populated = new Map<number, Promise<Populated>>();
  #instances = 0;

  constructor(options: WorldOptions) {
    this.#options = options;
  }

  get sizes(): Sizes {
    return this.#options.sizes;
  }

  get seed(): number {
    return this.#options.seed;
  }

  get signal(): AbortSignal {
    return this.#options.signal;
  }

  get peers(): Peers | null {
    return this.#options.peers;
  }

  get isMutant(): boolean {
    return this.#options.mutant !== undefined;
  }

  /** An empty server for one row. */
  server(): Promise<RedisServer> {
    return this.#options.lab.redis();
  }

  /** A server with `count` nodes, which no row may change. */
  populated(count: number): Promise<Populated> {
    const found = this.#populated.get(count) ?? this.#populate(count);
    this.#populated.set(count, found);
    return found;
  }

  /** A started instance. */
  instance(server: RedisServer, settings: Partial<Settings> = {}, wrap?: WrapStore): Promise<Instance> {
    const options = this.instanceOptions(server, settings);
    return startInstance(wrap === undefined ? options : { ...options, wrap });
  }

  /** Settings: long timeouts and lasting nodes, then `settings`. Every instance draws its own random numbers. */
  instanceOptions(server: RedisServer, settings: Partial<Settings> = {}): InstanceOptions {
    this.#instances += 1;
    return {
      url: server.url,
      seed: (this.seed + this.#instances) % 0x1_0000_0000,
      settings: { ...longTimeouts, ...lasting, ...settings },
      mutant: this.#options.mutant,
    };
  }

  /** @param more CPU seconds of other processes of the round */
  watch<Result>(
    server: RedisServer,
    work: () => Promise<Result>,
    more: () => number = () => 0,
  ): Promise<Watched<Result>> {
    return watch(async () => (await redisCpu(server)) + more(), work);
  }

  /** Rounds until enough were made, and further ones while the machine leaves the verdict open. */
  async repeat(id: ClaimId, round: () => Promise<Round>): Promise<readonly Round[]> {
    const { progress, signal, sizes } = this.#options;
    const claim: Claim = claims[id];
    const rounds: Round[] = [];
    const isOpen = (): boolean => judge(claim, rounds).verdict === "unknown" && rounds.length < sizes.mostRounds;
    while (!signal.aborted && (rounds.length < sizes.rounds || isOpen())) {
      progress(`bench ${id}: round ${rounds.length + 1}`);
      const made = await roundOrCut(round, signal);
      if (made !== null) rounds.push(made);
    }
    return rounds;
  }

  async #populate(count: number): Promise<Populated> {
    this.#options.progress(`bench: registering ${count} nodes`);
    const server = await this.server();
    // Without the mutant: it applies to what is measured, not to its preparation.
    await using instance = await startInstance({
      url: server.url,
      seed: this.seed,
      settings: { ...longTimeouts, ...lasting },
    });
    return { server, population: await populate(instance.scheduler, count, this.seed, this.signal) };
  }
}

/** @returns null where `signal` ended it: then its error means nothing */
async function roundOrCut(round: () => Promise<Round>, signal: AbortSignal): Promise<Round | null> {
  try {
    const made = await round();
    return signal.aborted ? null : made;
  } catch (error) {
    if (signal.aborted) return null;
    throw error;
  }
}
