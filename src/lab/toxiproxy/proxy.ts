/** One link through Toxiproxy: clients connect to its port, and its toxics act on the bytes that pass. */

import type { Proxy as ClientProxy, Toxic as ClientToxic } from "toxiproxy-node-client";
import { LabError } from "../error.ts";
import { loopback } from "../process/port.ts";
import type { ApiCall, Toxic } from "./toxic.ts";

/** Runs one call, records it, and turns a failure into a LabError. */
export type Perform = <T>(call: Pick<ApiCall, "method" | "proxy" | "detail">, work: () => Promise<T>) => Promise<T>;

/** Makes a proxy on the server. */
export type CreateClient = (body: ProxyBody) => Promise<ClientProxy>;

interface ProxyBody {
  readonly name: string;
  readonly listen: string;
  readonly upstream: string;
}

type SentToxic = Parameters<ClientProxy["addToxic"]>[0];

interface AddedToxic {
  readonly toxic: Toxic;
  readonly client: ClientToxic<unknown>;
}

/**
 * Toxiproxy removes a toxic within 4 ms, but within 5 s or more where it holds bytes for a client that has closed its connection. It answers
 * nothing else about this proxy meanwhile, and passes no new connection.
 */
const removedWithin = 50;

/** Toxiproxy has not finished the removal. */
class RemovalPending extends LabError {}

export class ToxicProxy {
  readonly name: string;
  readonly listenPort: number;
  /** `redis://…` of this link. */
  readonly url: string;
  readonly #create: CreateClient;
  readonly #perform: Perform;
  readonly #toxics = new Map<string, AddedToxic>();
  #client: ClientProxy;
  #upstream: string;
  #isEnabled = true;

  constructor(client: ClientProxy, create: CreateClient, perform: Perform) {
    this.#client = client;
    this.#create = create;
    this.#perform = perform;
    this.name = client.name;
    this.#upstream = client.upstream;
    this.listenPort = Number(client.listen.slice(client.listen.lastIndexOf(":") + 1));
    this.url = `redis://${loopback}:${this.listenPort}`;
  }

  /**
   * Acts on open connections too, from their next chunk on.
   * @throws LabError when the server refuses it, or took another value than was sent: it reads names it does not know as 0
   */
  async addToxic(toxic: Toxic): Promise<void> {
    const body: SentToxic = { toxicity: 1, ...toxic };
    await this.#call("add_toxic", { ...body }, async () => {
      const added = await this.#client.addToxic<unknown>(body);
      await requireSame(toxic, added);
      this.#toxics.set(toxic.name, { toxic, client: added });
    });
  }

  /** Other values for a toxic that is there, in place. */
  async updateToxic(toxic: Toxic): Promise<void> {
    const body: SentToxic = { toxicity: 1, ...toxic };
    await this.#call("update_toxic", { ...body }, async () => {
      const updated = await this.#added(toxic.name).client.update(body);
      this.#toxics.delete(toxic.name);
      await requireSame(toxic, updated);
      this.#toxics.set(toxic.name, { toxic, client: updated });
    });
  }

  /** Bytes held by `latency` and `bandwidth` are delivered at once; those held by `timeout` are lost, and its connections are closed. */
  async removeToxic(name: string): Promise<void> {
    await this.removeToxics([name]);
  }

  /**
   * Like `removeToxic`, for several at once. Where Toxiproxy waits for a client that has closed its connection, the proxy is made anew
   * instead: on the same port, with its other toxics. Connections that are open then are closed, after they got what was held for them.
   */
  async removeToxics(names: readonly string[]): Promise<void> {
    try {
      for (const name of names) {
        await this.#call("remove_toxic", { name }, () => this.#removedInTime(name));
        this.#toxics.delete(name);
      }
    } catch (error) {
      if (!(error instanceof RemovalPending)) throw error;
      await this.#renewWithout(names);
    }
  }

  async #removedInTime(name: string): Promise<void> {
    const removal = this.#added(name).client.remove();
    removal.catch(() => {}); // it fails when the proxy is created anew, which does not matter any more
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(this.#pending(name)), removedWithin);
    });
    await Promise.race([removal, late]).finally(() => clearTimeout(timer));
  }

  #pending(name: string): RemovalPending {
    return new RemovalPending({
      found: `no answer after ${removedWithin} ms`,
      allowed: "a toxic that is removed within milliseconds",
      where: `toxic ${name} of proxy ${this.name}`,
      fix: "Make the proxy anew: Toxiproxy waits for a client that has closed its connection.",
    });
  }

  async #renewWithout(names: readonly string[]): Promise<void> {
    const kept = [...this.#toxics.values()].map(({ toxic }) => toxic).filter(({ name }) => !names.includes(name));
    await this.remove();
    const body = { name: this.name, listen: `${loopback}:${this.listenPort}`, upstream: this.#upstream };
    this.#client = await this.#call("create_proxy", body, () => this.#create(body));
    if (!this.#isEnabled) await this.setEnabled(false);
    for (const toxic of kept) await this.addToxic(toxic);
  }

  /** Disabled, it closes its connections and refuses new ones; the port is kept for when it is enabled again. */
  async setEnabled(enabled: boolean): Promise<void> {
    const body = { enabled, listen: `${loopback}:${this.listenPort}`, upstream: this.#upstream };
    await this.#call("set_enabled", { enabled }, () => this.#client.update(body));
    this.#isEnabled = enabled;
  }

  /** As it was last set, or after the server's own `reset`. */
  get isEnabled(): boolean {
    return this.#isEnabled;
  }

  /** Connects to another server from now on, and is enabled: its connections are closed, its port and toxics stay. */
  async pointAt(upstream: string): Promise<void> {
    this.#upstream = upstream;
    const body = { enabled: true, listen: `${loopback}:${this.listenPort}`, upstream };
    await this.#call("set_upstream", { upstream }, () => this.#client.update(body));
    this.#isEnabled = true;
  }

  get upstream(): string {
    return this.#upstream;
  }

  /** No toxics, and enabled: this link alone, where the server's own `reset` heals all. */
  async reset(): Promise<void> {
    await this.removeToxics([...this.#toxics.keys()]);
    await this.setEnabled(true);
  }

  async remove(): Promise<void> {
    await this.#call("remove_proxy", {}, () => this.#client.remove());
    this.#toxics.clear();
  }

  /** The server has removed all toxics by itself, and enabled it. */
  wasReset(): void {
    this.#toxics.clear();
    this.#isEnabled = true;
  }

  #added(name: string): AddedToxic {
    const toxic = this.#toxics.get(name);
    if (toxic !== undefined) return toxic;
    throw new LabError({
      found: `no toxic "${name}"`,
      allowed: [...this.#toxics.keys()].join(", ") || "none: it has no toxics",
      where: `proxy ${this.name}`,
      fix: "Add it first.",
    });
  }

  #call<T>(method: ApiCall["method"], detail: ApiCall["detail"], work: () => Promise<T>): Promise<T> {
    return this.#perform({ method, proxy: this.name, detail }, work);
  }
}

/** A toxic with other values than requested is removed again. */
async function requireSame(toxic: Toxic, stored: ClientToxic<unknown>): Promise<void> {
  const attributes = new Map(Object.entries(Object(stored.attributes)));
  const wrong = Object.entries(toxic.attributes).find(([name, value]) => attributes.get(name) !== value);
  if (wrong === undefined) return;
  await stored.remove();
  const [name, value] = wrong;
  throw new LabError({
    found: `${name} ${String(attributes.get(name))} on the server`,
    allowed: `${name} ${String(value)}, as it was sent`,
    where: `toxic ${toxic.name} (${toxic.type})`,
    fix: "Use attributes that Toxiproxy knows for this type, with whole numbers.",
  });
}
