/**
 * Each simulated server has a real one for as long as it lives. A server that begins with another's data gets them key by key (DUMP, RESTORE),
 * as a replica holds them; each has a replication id that none had before.
 */
import type { Lab } from "../lab/lab.ts";
import type { Data } from "../simulate/servers/server-state.ts";
import type { Crossing } from "./crossing.ts";
import { type Fleet, isEmpty, NotDrivable } from "./fleet.ts";
import { askWhileLoading, beginLoading, endLoading, loadingArgs } from "./loading.ts";

/** A split brain with a failover in it, what a copy waits in, and what a server that loads is given its data by. */
const ships = 6;

interface Ship {
  readonly url: string;
  /** What it holds is waited for: by a server, or by one to come. */
  readonly holder: number | Data;
}

export async function launch(lab: Lab): Promise<readonly string[]> {
  const started = await Promise.all(Array.from({ length: ships }, () => lab.redis({ args: loadingArgs })));
  return started.map(({ url }) => url);
}

export class LoneServers implements Fleet {
  readonly #crossing: Crossing;
  readonly #urls: readonly string[];
  #ships: readonly Ship[] = [];
  /** Of those that are loading, who gives them what they read. */
  readonly #sources = new Map<string, string>();

  constructor(crossing: Crossing, urls: readonly string[]) {
    this.#crossing = crossing;
    this.#urls = urls;
  }

  get servers(): readonly number[] {
    return this.#ships.flatMap(({ holder }) => (typeof holder === "number" ? [holder] : []));
  }

  isLoading(server: number): boolean {
    return this.#sources.has(this.#urlOf(server));
  }

  urlOf(server: number): string {
    const url = this.#urlOf(server);
    this.#endLoading(url);
    return url;
  }

  everywhere(server: number, command: readonly string[]): readonly unknown[] {
    return this.#crossing.tell(this.urlOf(server), command);
  }

  askLoading(server: number, command: readonly string[]): unknown {
    const url = this.#urlOf(server);
    if (!this.#sources.has(url)) {
      const source = this.#free();
      this.#clear(source);
      this.#copy(url, source);
      this.#sources.set(url, source);
      beginLoading(this.#crossing, url, source);
    }
    return askWhileLoading(this.#crossing, url, command);
  }

  askMoving(): never {
    throw new NotDrivable("slot_migration without a Cluster");
  }

  moved(): void {
    this.askMoving();
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
    this.#copy(from, this.#take(data));
  }

  ended(server: number): void {
    this.#ships = this.#ships.filter(({ holder }) => holder !== server);
  }

  emptied(server: number): void {
    this.#crossing.tell(this.urlOf(server), ["FLUSHALL"]);
  }

  scriptsFlushed(server: number): void {
    this.#crossing.tell(this.urlOf(server), ["SCRIPT", "FLUSH"]);
  }

  reset(): void {
    for (const url of [...this.#sources.keys()]) this.#endLoading(url);
    this.#ships = [];
  }

  #urlOf(server: number): string {
    const ship = this.#ships.find(({ holder }) => holder === server);
    if (ship === undefined) throw new NotDrivable(`server ${server} has no real one`);
    return ship.url;
  }

  #take(holder: Ship["holder"]): string {
    const url = this.#free();
    this.#ships = [...this.#ships, { url, holder }];
    this.#clear(url);
    return url;
  }

  #free(): string {
    const taken = new Set([...this.#ships.map((ship) => ship.url), ...this.#sources.values()]);
    const url = this.#urls.find((each) => !taken.has(each));
    if (url === undefined) throw new NotDrivable(`more than ${this.#urls.length} servers and copies at once`);
    return url;
  }

  #clear(url: string): void {
    this.#crossing.tell(url, ["FLUSHALL"], ["SCRIPT", "FLUSH"]);
  }

  #copy(from: string, to: string): void {
    const keys = texts(this.#crossing.tell(from, ["KEYS", "*"])[0]);
    this.#crossing.mustAnswer(this.#crossing.ask({ kind: "copy", from, to, keys }));
  }

  /** Another replication id, the data kept: what a promoted replica, and a server that has restarted, has. */
  #rename(url: string): void {
    this.#crossing.tell(url, ["REPLICAOF", "127.0.0.1", "1"], ["REPLICAOF", "NO", "ONE"]);
  }

  #endLoading(url: string): void {
    if (!this.#sources.has(url)) return;
    endLoading(this.#crossing, url);
    this.#sources.delete(url);
  }
}

function texts(reply: unknown): readonly string[] {
  if (Array.isArray(reply) && reply.every((each) => typeof each === "string")) return reply;
  throw new TypeError(`a list of keys, found ${JSON.stringify(reply)}`);
}
