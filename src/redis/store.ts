/** The Store port on a real Redis: scripts by EVALSHA, each call within its deadline, a bounded number under way. */
import type { Answer, Failure, Millis, Store } from "../scheduler/ports.ts";
import { type Client, type ConnectionTuning, connectionDefaults } from "./connection/connection.ts";
import { type Obstacle, openLink } from "./connection/link.ts";
import { type Address, type Place, placeOf } from "./connection/topology.ts";
import { late, within } from "./deadline.ts";
import type { Refusal } from "./errors.ts";
import { classify, failure } from "./failure.ts";
import { readConfigCheck, readConfigPage, readPutConfig } from "./scripts/config-reply.ts";
import {
  namePage,
  readChanges,
  readFinish,
  readHeartbeat,
  readOffline,
  readPage,
  readRegister,
  readReserve,
  readSweep,
} from "./scripts/reply.ts";
import { loadScripts, ScriptError, type ScriptSet } from "./scripts/scripts.ts";
import { sendScript } from "./scripts/send.ts";
import { encoder, type ScriptCall, type Wire } from "./scripts/wire.ts";

export type RedisStoreOptions = Place & StoreOptions;

interface StoreOptions extends Omit<Wire, "now">, Partial<ConnectionTuning> {
  readonly scripts?: ScriptSet;
  /** Calls under way at once, answered or not; one more is refused. Late answers count until they come or the connection breaks. */
  readonly mostUnderWay?: number;
  readonly now?: () => number;
  /** Told of every call when it ends for the caller; for judges and metrics. */
  readonly onCall?: (call: CallRecord) => void;
  /** Told when the server is found to be unusable as declared: each connection is examined. Calls fail with the same words. */
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
}

export function createRedisStore(options: RedisStoreOptions): RedisStore {
  const scripts = options.scripts ?? loadScripts();
  const wire = encoder(options);
  const tuning = { name: "store", ...connectionDefaults, ...options };
  const { onRefused, prefix } = options;
  const checkLayout = async (): Promise<Obstacle | null> => {
    const question = wire.changesSince({ partition: 0, since: { epoch: "", sequence: 0 }, limit: 0 });
    try {
      readChanges(await sendScript(client, scripts, question));
      return null;
    } catch (error) {
      const { cause, message } = classify(error, 0, true);
      return cause === "layout_mismatch" ? { cause, message } : null;
    }
  };
  const link = openLink({ topology: placeOf(options), tuning, prefix, checkLayout, ...(onRefused && { onRefused }) });
  const { client } = link;
  const mostUnderWay = options.mostUnderWay ?? 10_000;
  let underWay = 0;
  /** What callers still wait for. */
  const awaited = new Set<Promise<unknown>>();
  let closed = false;

  const attempt = async <Reply>(
    call: ScriptCall,
    deadline: Millis,
    read: (raw: unknown) => Reply,
  ): Promise<Answer<Reply>> => {
    if (closed) return failure("closed", "no", 0, "the store has been closed");
    const obstacle = link.obstacle();
    if (obstacle !== null) return failure(obstacle.cause, "no", 0, obstacle.message);
    if (underWay >= mostUnderWay) return failure("overloaded", "no", 0, `${underWay} calls are under way`);
    const started = performance.now();
    const after = (): Millis => performance.now() - started;
    underWay += 1;
    const answer = sendScript(client, scripts, call).finally(() => {
      underWay -= 1;
    });
    const inTime = within(answer, deadline);
    awaited.add(inTime);
    try {
      const raw = await inTime;
      return raw === late ? failure("deadline", "unknown", after(), `no answer within ${deadline} ms`) : read(raw);
    } catch (error) {
      return classify(error, after(), true);
    } finally {
      awaited.delete(inTime);
    }
  };

  const run = async <Reply>(
    call: ScriptCall,
    deadline: Millis,
    read: (raw: unknown) => Reply,
  ): Promise<Answer<Reply>> => {
    if (!options.onCall) return attempt(call, deadline, read);
    const started = performance.now();
    const answer = await attempt(call, deadline, read);
    const outcome = isFailure(answer) ? answer.cause : "answered";
    options.onCall({ script: call.script, deadline, took: performance.now() - started, outcome });
    return answer;
  };

  return {
    client,
    registerNode: (request, deadline) => run(wire.registerNode(request), deadline, readRegister),
    heartbeat: (request, deadline) => run(wire.heartbeat(request), deadline, readHeartbeat),
    offlineNode: (request, deadline) => run(wire.offlineNode(request), deadline, readOffline),
    reserveJob: (request, deadline) => run(wire.reserveJob(request), deadline, readReserve),
    completeJob: (request, deadline) => run(wire.completeJob(request), deadline, readFinish),
    releaseJob: (request, deadline) => run(wire.releaseJob(request), deadline, readFinish),
    sweep: (request, deadline) => run(wire.sweep(request), deadline, readSweep),
    changesSince: (request, deadline) => run(wire.changesSince(request), deadline, readChanges),
    snapshot: (request, deadline) =>
      run(wire.snapshot(request), deadline, (raw) => namePage(readPage(raw), request.nodes)),
    putConfig: ({ expected, content }, deadline) =>
      run(wire.putConfig({ expected, ...content }), deadline, readPutConfig),
    readConfig: (deadline) => run(wire.readConfig(), deadline, readConfigPage),
    checkConfig: (since, deadline) =>
      run(wire.changesSince({ partition: "cfg", since, limit: 0 }), deadline, (raw) => readConfigCheck(raw, since)),
    connect: link.connect,
    standing: link.standing,
    nodes: link.nodes,
    async close() {
      closed = true;
      await Promise.allSettled(awaited);
      link.close();
    },
  };
}

function isFailure(answer: unknown): answer is Failure {
  return typeof answer === "object" && answer !== null && "kind" in answer && answer.kind === "failed";
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
