/** The Store port on a real Redis: scripts by EVALSHA, each call within its deadline, a bounded number under way. */
import type { Redis } from "ioredis";
import type { Answer, Failure, Millis, Store } from "../scheduler/ports.ts";
import { lackingRights } from "./acl.ts";
import { type ConnectionOptions, connectionDefaults, createConnection } from "./connection.ts";
import { late, within } from "./deadline.ts";
import { classify, failure } from "./failure.ts";
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
} from "./reply.ts";
import { loadScripts, ScriptError, type ScriptSet } from "./scripts.ts";
import { sendScript } from "./send.ts";
import { encoder, type ScriptCall, type Wire } from "./wire.ts";

export interface RedisStoreOptions extends Omit<Wire, "now">, Partial<ConnectionOptions> {
  readonly url: string;
  readonly scripts?: ScriptSet;
  /** Calls under way at once, answered or not; one more is refused. Late answers count until they come or the connection breaks. */
  readonly mostUnderWay?: number;
  readonly now?: () => number;
  /** Told of every call when it ends for the caller; for judges and metrics. */
  readonly onCall?: (call: CallRecord) => void;
}

export interface CallRecord {
  readonly script: ScriptCall["script"];
  readonly deadline: Millis;
  readonly took: Millis;
  readonly outcome: "answered" | Failure["cause"];
}

export interface RedisStore extends Store {
  /** Connects for the first time; later it reconnects by itself. Resolves when it stands or when the first attempt has failed. */
  connect(): Promise<void>;
  readonly client: Redis;
}

export function createRedisStore(options: RedisStoreOptions): RedisStore {
  const scripts = options.scripts ?? loadScripts();
  const wire = encoder(options);
  const client = createConnection({ name: "store", ...connectionDefaults, ...options }, "commands");
  const mostUnderWay = options.mostUnderWay ?? 10_000;
  let underWay = 0;
  let lacking = "";
  client.on("ready", () => {
    lackingRights(client, options.prefix).then(
      (rights) => {
        lacking = rights.join(" ");
      },
      () => {}, // the calls will be told why
    );
  });
  let closed = false;

  const attempt = async <Reply>(
    call: ScriptCall,
    deadline: Millis,
    read: (raw: unknown) => Reply,
  ): Promise<Answer<Reply>> => {
    if (closed) return failure("closed", "no", 0, "the store has been closed");
    if (client.status !== "ready") return failure("disconnected", "no", 0, `the connection is ${client.status}`);
    if (lacking !== "") return failure("denied", "no", 0, `the Redis user lacks ${lacking}: see leastPrivilege`);
    if (underWay >= mostUnderWay) return failure("overloaded", "no", 0, `${underWay} calls are under way`);
    const started = performance.now();
    const after = (): Millis => performance.now() - started;
    underWay += 1;
    const answer = sendScript(client, scripts, call).finally(() => {
      underWay -= 1;
    });
    try {
      const raw = await within(answer, deadline);
      return raw === late ? failure("deadline", "unknown", after(), `no answer within ${deadline} ms`) : read(raw);
    } catch (error) {
      return classify(error, after(), true);
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
    async connect() {
      try {
        await client.connect();
        await within(client.ping(), connectionDefaults.silence); // behind the check of rights, on the same connection
      } catch {
        // the calls tell; reconnecting goes on by itself
      }
    },
    async close() {
      closed = true;
      client.disconnect();
    },
  };
}

function isFailure(answer: unknown): answer is Failure {
  return typeof answer === "object" && answer !== null && "kind" in answer && answer.kind === "failed";
}

/** Has the server compile every script. @throws ScriptError naming the script and what the server said */
export async function compileScripts(client: Redis, { scripts }: ScriptSet): Promise<void> {
  for (const { name, source } of Object.values(scripts)) {
    try {
      await client.script("LOAD", source);
    } catch (error) {
      const said = error instanceof Error ? error.message : String(error);
      throw new ScriptError(`script ${name}.lua: Redis does not compile it: ${said}; mend the file and run again`);
    }
  }
}
