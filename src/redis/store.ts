/** The Store port on a real Redis: scripts by EVALSHA, each call within its deadline, a bounded number in flight. */

import type { Answer, Failure } from "../protocol/replies.ts";
import type { Millis } from "../protocol/time.ts";
import { isFailure, type Store } from "../scheduler/ports.ts";
import type { Client, ConnectionTuning } from "./connection/connection.ts";
import { connectionDefaults } from "./connection/defaults.ts";
import { type Link, type Obstacle, openLink } from "./connection/link.ts";
import { type Address, type Place, placeOf } from "./connection/topology.ts";
import { late, within } from "./deadline.ts";
import type { Refusal } from "./errors.ts";
import { classify, failure } from "./failure.ts";
import { Groups } from "./groups.ts";
import { readConfigCheck, readConfigPage, readPutConfig } from "./scripts/config-reply.ts";
import {
  readAcknowledged,
  readChanges,
  readFinish,
  readHeartbeat,
  readOffline,
  readOrphans,
  readPage,
  readRegister,
  readReserve,
  readSweep,
} from "./scripts/reply.ts";
import { loadScripts, ScriptError, type ScriptSet } from "./scripts/scripts.ts";
import { sendScript } from "./scripts/send.ts";
import { encoder, type ScriptCall, type Wire } from "./scripts/wire.ts";

/** Each change in the feed of the configuration holds a whole configuration, and no instance reads it there: it reads the one in force. */
const configurationsKept = 16;

export type RedisStoreOptions = Place & StoreOptions;

interface StoreOptions extends Omit<Wire, "now" | "configFeedMax">, Partial<ConnectionTuning> {
  readonly scripts?: ScriptSet;
  /** Calls in flight at once; one more is refused. A call given up counts until its answer comes or the connection breaks. */
  readonly mostInFlight?: number;
  readonly now?: () => number;
  /** Called when a call ends for the caller; for judges and metrics. */
  readonly onCall?: (call: CallRecord) => void;
  /** Called when the examination of a connection finds the server unusable as declared. Calls fail with the same message. */
  readonly onRefused?: (refusal: Refusal) => void;
}

interface CallRecord {
  readonly script: ScriptCall["script"];
  readonly deadline: Millis;
  readonly took: Millis;
  readonly outcome: "answered" | Failure["cause"];
}

export interface RedisStore extends Store {
  /** Connects for the first time; later it reconnects by itself. Resolves when it stands or when the first attempt has failed. */
  connect(): Promise<void>;
  /** Takes no more calls, waits for the answers that are due, each within its deadline, and disconnects. */
  close(): Promise<void>;
  readonly client: Client;
  /** Connections that stand: 0 or 1, in a Cluster one for each node in use. */
  standing(): number;
  /** The nodes that a Cluster is known to have now, for the feed. */
  nodes(): readonly Address[];
  /** @param listener called when another server is the primary now: for the feed, whose own connection does not show it */
  onRenewed(listener: () => void): void;
}

export function createRedisStore(options: RedisStoreOptions): RedisStore {
  const scripts = options.scripts ?? loadScripts();
  const wire = encoder({ ...options, configFeedMax: Math.min(options.feedMax, configurationsKept) });
  const { onRefused, prefix } = options;
  const link: Link = openLink({
    topology: placeOf(options),
    tuning: { name: "store", ...connectionDefaults, ...options },
    prefix,
    checkLayout: () => checkLayout(link.client, scripts, wire),
    onRefused,
  });
  const calls = new Calls(link, scripts, options);
  return {
    ...operations(wire, calls),
    client: link.client,
    connect: link.connect,
    standing: link.standing,
    nodes: link.nodes,
    onRenewed: link.onRenewed,
    async close() {
      await calls.close();
      link.close();
    },
  };
}

type Encoder = ReturnType<typeof encoder>;

/** The Store port without `close`: each request encoded, sent, and its reply read. */
function operations(wire: Encoder, calls: Calls): Omit<Store, "close"> {
  return {
    registerNode: (request, deadline) => calls.run(wire.registerNode(request), deadline, readRegister),
    heartbeat: (request, deadline) => calls.run(wire.heartbeat(request), deadline, readHeartbeat),
    offlineNode: (request, deadline) => calls.run(wire.offlineNode(request), deadline, readOffline),
    reserveJob: (request, deadline) => calls.run(wire.reserveJob(request), deadline, readReserve),
    completeJob: (request, deadline) => calls.run(wire.completeJob(request), deadline, readFinish),
    releaseJob: (request, deadline) => calls.run(wire.releaseJob(request), deadline, readFinish),
    sweep: (request, deadline) => calls.run(wire.sweep(request), deadline, readSweep),
    changesSince: (request, deadline) => calls.run(wire.changesSince(request), deadline, readChanges),
    readOrphans: (request, deadline) => calls.run(wire.readOrphans(request), deadline, readOrphans),
    ackOrphans: (request, deadline) => calls.run(wire.ackOrphans(request), deadline, readAcknowledged),
    snapshot: (request, deadline) => calls.run(wire.snapshot(request), deadline, (raw) => readPage(raw, request.nodes)),
    putConfig: ({ expected, content }, deadline) =>
      calls.run(wire.putConfig({ expected, ...content }), deadline, readPutConfig),
    readConfig: (deadline) => calls.run(wire.readConfig(), deadline, readConfigPage),
    checkConfig: (since, deadline) =>
      calls.run(wire.changesSince({ partition: "cfg", since, limit: 0 }), deadline, (raw) =>
        readConfigCheck(raw, since),
      ),
  };
}

async function checkLayout(client: Client, scripts: ScriptSet, wire: Encoder): Promise<Obstacle | null> {
  const question = wire.changesSince({ partition: 0, since: { epoch: "", sequence: 0 }, limit: 0 });
  try {
    readChanges(await sendScript(client, scripts, question));
    return null;
  } catch (error) {
    const { cause, message } = classify(error, 0, true);
    return cause === "layout_mismatch" ? { cause, message } : null;
  }
}

/** The calls of one store: each within its deadline, a bounded number in flight. */
class Calls {
  readonly #link: Link;
  readonly #groups: Groups;
  readonly #mostInFlight: number;
  readonly #onCall: StoreOptions["onCall"];
  #inFlight = 0;
  /** The answers that callers still wait for. */
  readonly #awaited = new Set<Promise<unknown>>();
  #isClosed = false;

  constructor(link: Link, scripts: ScriptSet, { mostInFlight = 10_000, onCall }: StoreOptions) {
    this.#link = link;
    this.#groups = new Groups((call) => sendScript(link.client, scripts, call));
    this.#mostInFlight = mostInFlight;
    this.#onCall = onCall;
  }

  async run<Reply extends { readonly kind: string }>(
    call: ScriptCall,
    deadline: Millis,
    read: (raw: unknown) => Reply,
  ): Promise<Answer<Reply>> {
    if (!this.#onCall) return this.#attempt(call, deadline, read);
    const started = performance.now();
    const answer = await this.#attempt(call, deadline, read);
    const outcome = isFailure(answer) ? answer.cause : "answered";
    this.#onCall({ script: call.script, deadline, took: performance.now() - started, outcome });
    return answer;
  }

  /** Refuses new calls and waits for the answers that are due. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.allSettled(this.#awaited);
  }

  async #attempt<Reply>(call: ScriptCall, deadline: Millis, read: (raw: unknown) => Reply): Promise<Answer<Reply>> {
    const refused = this.#refusal();
    if (refused !== null) return refused;
    const started = performance.now();
    const after = (): Millis => performance.now() - started;
    this.#inFlight += 1;
    const answer = this.#groups.send(call).finally(() => {
      this.#inFlight -= 1;
    });
    const inTime = within(answer, deadline);
    this.#awaited.add(inTime);
    try {
      const raw = await inTime;
      return raw === late ? failure("deadline", "unknown", after(), `no answer within ${deadline} ms`) : read(raw);
    } catch (error) {
      return classify(error, after(), true);
    } finally {
      this.#awaited.delete(inTime);
    }
  }

  #refusal(): Failure | null {
    if (this.#isClosed) return failure("closed", "no", 0, "the store has been closed");
    const obstacle = this.#link.obstacle();
    if (obstacle !== null) return failure(obstacle.cause, "no", 0, obstacle.message);
    if (this.#inFlight < this.#mostInFlight) return null;
    return failure("overloaded", "no", 0, `${this.#inFlight} calls are in flight`);
  }
}

/** Has the server compile every script. @throws ScriptError naming the script and what the server said */
export async function compileScripts(client: Client, { scripts }: ScriptSet): Promise<void> {
  for (const { name, source } of Object.values(scripts)) {
    try {
      await client.script("LOAD", source);
    } catch (error) {
      const said = error instanceof Error ? error.message : String(error);
      throw new ScriptError(`script ${name}.lua: Redis does not compile it: ${said}`);
    }
  }
}
