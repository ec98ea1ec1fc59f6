/** A running toxiproxy-server and the links through it. */

import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { LabError, reasonOf } from "../error.ts";
import { isFree, loopback, onPort, PortTakenError } from "../process/port.ts";
import { waitFor } from "../process/wait.ts";
import { launchServer, logTail, type ServerPlace, type ServerProcess } from "../servers/server-process.ts";
import { ToxiproxyClient } from "./client.ts";
import { type CreateClient, ToxicProxy } from "./proxy.ts";
import type { ApiCall } from "./toxic.ts";

export interface ToxiproxyOptions {
  /** The port of the API; must be free. Absent: a free one is chosen. */
  readonly port?: number;
  /** Called with every API call once it has ended, in the order in which they ended. */
  readonly onCall?: (call: ApiCall) => void;
}

export interface ProxyOptions {
  /** Unique in its server, and free of slashes: it is part of the API's URLs. `inst-3.redis-a` */
  readonly name: string;
  /** `127.0.0.1:6379` */
  readonly upstream: string;
  /** Must be free. Absent: a free one is chosen. */
  readonly listenPort?: number;
}

const readyTimeout = 10_000;
/** Calls to the API that are in flight at once: those of a Cluster's 36 routes would occupy a processor for 20 ms. */
const mostAtOnce = 2;

/** @throws LabError when the port asked for is in use, or the server ends or stays silent instead of getting ready */
export async function startToxiproxy(place: ServerPlace, options: ToxiproxyOptions): Promise<ToxiproxyServer> {
  mkdirSync(place.dir, { recursive: true });
  const logFile = join(place.dir, "server.log");
  return await onPort(options.port, async (port) => {
    // The process on a taken port may be a Toxiproxy too: so check first.
    if (!(await isFree(port))) throw new PortTakenError("toxiproxy-server", port);
    const args = ["-host", loopback, "-port", String(port)];
    const started = await launchServer({ file: place.program, args, ...place, logFile });
    const server = new ToxiproxyServer(place, port, started, options);
    const isReady = await waitFor(() => look(started, server.url), { timeout: readyTimeout, interval: 2 });
    if (isReady === true) return server;
    await started.kill();
    throw await notReady(port, logFile, isReady === false);
  });
}

export class ToxiproxyServer implements AsyncDisposable {
  readonly url: string;
  readonly port: number;
  readonly version: string;
  readonly pid: number;
  readonly #process: ServerProcess;
  readonly #client: ToxiproxyClient;
  readonly #onCall: (call: ApiCall) => void;
  readonly #proxies: ToxicProxy[] = [];
  #inFlight = 0;
  /** Queued calls, in order. */
  readonly #waiting: (() => void)[] = [];

  constructor(place: ServerPlace, port: number, started: ServerProcess, options: Omit<ToxiproxyOptions, "port">) {
    this.port = port;
    this.url = `http://${loopback}:${port}`;
    this.version = place.version;
    this.pid = started.pid;
    this.#process = started;
    this.#client = new ToxiproxyClient(this.url);
    this.#onCall = options.onCall ?? (() => undefined);
  }

  /**
   * The port is chosen here and not by the server, which would take one that outgoing connections use too:
   * a client that dials such a port while the proxy is disabled may reach itself.
   * @throws LabError when the name or the port is taken
   */
  async createProxy({ name, upstream, listenPort }: ProxyOptions): Promise<ToxicProxy> {
    const proxy = await onPort(listenPort, async (port) => {
      const body = { name, upstream, listen: `${loopback}:${port}` };
      if (!(await isFree(port))) throw new PortTakenError(`proxy ${name}`, port);
      const create: CreateClient = (proxy) => this.#client.createProxy(proxy);
      const client = await this.#perform({ method: "create_proxy", proxy: name, detail: body }, () =>
        create(body),
      ).catch(async (thrown: unknown) => {
        // Another process took the port since the check; the client hides the server's message.
        throw (await isFree(port)) ? thrown : new PortTakenError(`proxy ${name}`, port);
      });
      return new ToxicProxy(client, create, (call, work) => this.#perform(call, work));
    });
    this.#proxies.push(proxy);
    return proxy;
  }

  /** Heals every link: all enabled, no toxics. */
  async reset(): Promise<void> {
    await this.#perform({ method: "reset", detail: {} }, () => this.#client.reset());
    for (const proxy of this.#proxies) proxy.wasReset();
  }

  async kill(): Promise<void> {
    await this.#process.kill();
    await this.#client[Symbol.asyncDispose]();
  }

  /** Stops all links: nothing is lost, nothing passes. */
  async pause(): Promise<void> {
    await this.#process.pause();
  }

  resume(): void {
    this.#process.resume();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
  }

  /** A call that ends lets the next one begin. */
  async #turn(): Promise<void> {
    if (this.#inFlight < mostAtOnce) this.#inFlight += 1;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  #endTurn(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#inFlight -= 1;
    else next();
  }

  async #perform<T>(call: Pick<ApiCall, "method" | "proxy" | "detail">, work: () => Promise<T>): Promise<T> {
    await this.#turn();
    try {
      return await this.#performNow(call, work);
    } finally {
      this.#endTurn();
    }
  }

  async #performNow<T>(call: Pick<ApiCall, "method" | "proxy" | "detail">, work: () => Promise<T>): Promise<T> {
    const at = performance.now();
    const record = (outcome: ApiCall["outcome"]): void =>
      this.#onCall({ ...call, at, until: performance.now(), outcome });
    try {
      const answer = await work();
      record("done");
      return answer;
    } catch (thrown) {
      record("failed");
      if (thrown instanceof LabError) throw thrown;
      throw new LabError({
        found: reasonOf(thrown),
        allowed: "a call that Toxiproxy accepts (409: the name exists; 404: it does not; 400: the request is wrong)",
        where: `${call.method} ${call.proxy ?? ""} ${JSON.stringify(call.detail)} on ${this.url}`,
        fix: "Use unique names and known attributes, and see that the server runs.",
        cause: thrown,
      });
    }
  }
}

/** `true`: ready; `false`: it has ended; nothing: not yet. */
async function look(started: ServerProcess, url: string): Promise<boolean | undefined> {
  if (started.hasEnded) return false;
  const isAnswering = await fetch(`${url}/version`, { signal: AbortSignal.timeout(1_000) }).then(
    async (response) => (await response.text()) !== "" && response.ok,
    () => false,
  );
  return isAnswering && !started.hasEnded ? true : undefined;
}

async function notReady(port: number, logFile: string, hasEnded: boolean): Promise<LabError> {
  const log = await logTail(logFile);
  if (hasEnded && /address already in use/i.test(log)) return new PortTakenError("toxiproxy-server", port);
  return new LabError({
    found: `a server that ${hasEnded ? "ended" : `did not answer within ${readyTimeout} ms`}; its log ends:\n${log}\n`,
    allowed: "a server that answers /version",
    where: `toxiproxy-server on ${loopback}:${port}`,
    fix: "Look at its log.",
  });
}
