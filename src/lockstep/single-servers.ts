/**
 * Assigns a real server to each simulated one until it ends. A server that begins with the data of another gets them key by key (DUMP, RESTORE), as
 * a replica holds them. Each has a replication id that no server had before.
 */
import type { Lab } from "../lab/lab.ts";
import type { Data } from "../simulate/servers/server-state.ts";
import { type Fleet, isEmpty, NotDrivable } from "./fleet.ts";
import { askWhileLoading, beginLoading, endLoading, loadingArgs } from "./loading.ts";
import type { SyncClient } from "./sync-client.ts";

/** Enough for a split brain with a failover in it, a copy that waits for its server, and a source for a loading server. */
const hostCount = 6;

/** A real server that is in use. */
interface Host {
  readonly url: string;
  /** The simulated server that it stands for, or the data that a server to come will begin with. */
  readonly holder: number | Data;
}

export async function launch(lab: Lab): Promise<readonly string[]> {
  const started = await Promise.all(Array.from({ length: hostCount }, () => lab.redis({ args: loadingArgs })));
  return started.map(({ url }) => url);
}

export class SingleServers implements Fleet {
  readonly #client: SyncClient;
  readonly #urls: readonly string[];
  #hosts: readonly Host[] = [];
  /** Address of a loading server -> address of the server that it loads from. */
  readonly #sources = new Map<string, string>();

  constructor(client: SyncClient, urls: readonly string[]) {
    this.#client = client;
    this.#urls = urls;
  }

  get servers(): readonly number[] {
    return this.#hosts.flatMap(({ holder }) => (typeof holder === "number" ? [holder] : []));
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
    return this.#client.execute(this.urlOf(server), command);
  }

  askLoading(server: number, command: readonly string[]): unknown {
    const url = this.#urlOf(server);
    if (!this.#sources.has(url)) {
      const source = this.#free();
      this.#clear(source);
      this.#copy(url, source);
      this.#sources.set(url, source);
      beginLoading(this.#client, url, source);
    }
    return askWhileLoading(this.#client, url, command);
  }

  askMoving(): never {
    throw new NotDrivable("slot_migration without a Cluster");
  }

  moved(): void {
    this.askMoving();
  }

  began(server: number, data: Data): void {
    const copy = this.#hosts.find(({ holder }) => holder === data);
    if (copy !== undefined) {
      this.#hosts = this.#hosts.map((host) => (host === copy ? { ...host, holder: server } : host));
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
    this.#hosts = this.#hosts.filter(({ holder }) => holder !== server);
  }

  emptied(server: number): void {
    this.#client.execute(this.urlOf(server), ["FLUSHALL"]);
  }

  scriptsFlushed(server: number): void {
    this.#client.execute(this.urlOf(server), ["SCRIPT", "FLUSH"]);
  }

  reset(): void {
    for (const url of [...this.#sources.keys()]) this.#endLoading(url);
    this.#hosts = [];
  }

  #urlOf(server: number): string {
    const host = this.#hosts.find(({ holder }) => holder === server);
    if (host === undefined) throw new NotDrivable(`server ${server} has no real one`);
    return host.url;
  }

  #take(holder: Host["holder"]): string {
    const url = this.#free();
    this.#hosts = [...this.#hosts, { url, holder }];
    this.#clear(url);
    return url;
  }

  #free(): string {
    const taken = new Set([...this.#hosts.map((host) => host.url), ...this.#sources.values()]);
    const url = this.#urls.find((each) => !taken.has(each));
    if (url === undefined) throw new NotDrivable(`more than ${this.#urls.length} servers and copies at once`);
    return url;
  }

  #clear(url: string): void {
    this.#client.execute(url, ["FLUSHALL"], ["SCRIPT", "FLUSH"]);
  }

  #copy(from: string, to: string): void {
    const keys = texts(this.#client.execute(from, ["KEYS", "*"])[0]);
    this.#client.mustAnswer(this.#client.ask({ kind: "copy", from, to, keys }));
  }

  /** Changes the replication id and keeps the data, as a promotion and a restart do. */
  #rename(url: string): void {
    this.#client.execute(url, ["REPLICAOF", "127.0.0.1", "1"], ["REPLICAOF", "NO", "ONE"]);
  }

  #endLoading(url: string): void {
    if (!this.#sources.has(url)) return;
    endLoading(this.#client, url);
    this.#sources.delete(url);
  }
}

function texts(reply: unknown): readonly string[] {
  if (Array.isArray(reply) && reply.every((each) => typeof each === "string")) return reply;
  throw new TypeError(`a list of keys, found ${JSON.stringify(reply)}`);
}
