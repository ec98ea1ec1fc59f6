/**
 * Real servers in the place of the simulated ones: each simulated server has a real one for as long as it lives. A server that begins with
 * another's data gets them key by key (DUMP, RESTORE), as a replica holds them; each has a replication id that none had before.
 */
import type { Lab } from "../lab/lab.ts";
import type { Data } from "../simulate/server-state.ts";
import type { Crossing } from "./crossing.ts";
import { isErrorReply } from "./errand.ts";

/** A split brain with a failover in it, and what a copy waits in. */
const ships = 5;

interface Ship {
  readonly url: string;
  /** What it holds is waited for: by a server, or by one to come. */
  readonly holder: number | Data;
}

/** There is no real thing for what happened: the run ends as not drivable, which is neither agreement nor a difference. */
export class NotDrivable extends Error {
  override readonly name = "NotDrivable";
}

export async function launch(lab: Lab): Promise<readonly string[]> {
  const started = await Promise.all(Array.from({ length: ships }, () => lab.redis()));
  return started.map(({ url }) => url);
}

export class Fleet {
  readonly #crossing: Crossing;
  readonly #urls: readonly string[];
  #ships: readonly Ship[] = [];

  constructor(crossing: Crossing, urls: readonly string[]) {
    this.#crossing = crossing;
    this.#urls = urls;
  }

  get servers(): readonly number[] {
    return this.#ships.flatMap(({ holder }) => (typeof holder === "number" ? [holder] : []));
  }

  /** @throws NotDrivable of a server that has none */
  urlOf(server: number): string {
    const ship = this.#ships.find(({ holder }) => holder === server);
    if (ship === undefined) throw new NotDrivable(`server ${server} has no real one`);
    return ship.url;
  }

  began(server: number, data: Data): void {
    const copy = this.#ships.find(({ holder }) => holder === data);
    if (copy !== undefined) {
      this.#ships = this.#ships.map((ship) => (ship === copy ? { ...ship, holder: server } : ship));
    } else if (isEmpty(data)) {
      this.#take(server);
    } else {
      throw new NotDrivable(`server ${server} begins with data that no server has held`);
    }
    this.#rename(this.urlOf(server));
  }

  copied(server: number, data: Data): void {
    const from = this.urlOf(server);
    const to = this.#take(data);
    const keys = texts(this.#commands(from, ["KEYS", "*"])[0]);
    const dumps = this.#crossing.ask({ kind: "copy", from, to, keys });
    for (const reply of dumps) refuseError(reply);
  }

  ended(server: number): void {
    this.#ships = this.#ships.filter(({ holder }) => holder !== server);
  }

  emptied(server: number): void {
    this.#commands(this.urlOf(server), ["FLUSHALL"]);
  }

  scriptsFlushed(server: number): void {
    this.#commands(this.urlOf(server), ["SCRIPT", "FLUSH"]);
  }

  /** Another run begins: nothing is left of the last one. */
  reset(): void {
    this.#ships = [];
  }

  #take(holder: Ship["holder"]): string {
    const url = this.#urls.find((each) => this.#ships.every((ship) => ship.url !== each));
    if (url === undefined) throw new NotDrivable(`more than ${this.#urls.length} servers and copies at once`);
    this.#ships = [...this.#ships, { url, holder }];
    this.#commands(url, ["FLUSHALL"], ["SCRIPT", "FLUSH"]);
    return url;
  }

  /** Another replication id, the data kept: what a promoted replica, and a server that has restarted, has. */
  #rename(url: string): void {
    this.#commands(url, ["REPLICAOF", "127.0.0.1", "1"], ["REPLICAOF", "NO", "ONE"]);
  }

  #commands(url: string, ...commands: readonly (readonly string[])[]): readonly unknown[] {
    const replies = this.#crossing.commands(url, ...commands);
    for (const reply of replies) refuseError(reply);
    return replies;
  }
}

function refuseError(reply: unknown): void {
  if (isErrorReply(reply)) throw new Error(`a real server of a simulated run: ${reply.error}`);
}

function isEmpty({ config, partitions }: Data): boolean {
  return config.meta === null && partitions.every(({ meta }) => meta === null);
}

function texts(reply: unknown): readonly string[] {
  if (Array.isArray(reply) && reply.every((each) => typeof each === "string")) return reply;
  throw new TypeError(`a list of keys, found ${JSON.stringify(reply)}`);
}
