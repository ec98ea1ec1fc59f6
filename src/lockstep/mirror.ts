/**
 * The store of a simulated run, made of real servers. The real server in place of the simulated one runs each command in the order of the simulation,
 * and its reply and keys are compared with the model's. As long as they agree, the scheduler receives the real reply.
 */
import type { PropertyId } from "../check/properties.ts";
import { brokenProperty } from "../conform/broken-property.ts";
import type { Resolved } from "../conform/plan/resolve.ts";
import { loseAll, partitionOf, type World, withPartition } from "../conform/plan/world.ts";
import { type Difference, differ, type Json } from "../conform/store/content.ts";
import { dumpScript } from "../conform/store/dump.ts";
import { createNames, type Names } from "../conform/store/epochs.ts";
import { prefix } from "../conform/store/expect.ts";
import { answerJson, replyJson, toCall } from "../conform/store/request.ts";
import { classify, isNoScript } from "../redis/failure.ts";
import { keyspace } from "../redis/scripts/keys.ts";
import { list } from "../redis/scripts/reply.ts";
import type { ScriptSet } from "../redis/scripts/scripts.ts";
import type { ScriptCall } from "../redis/scripts/wire.ts";
import type { Data } from "../simulate/servers/server-state.ts";
import type { Arrival, Outcome, Witness } from "../simulate/servers/witness.ts";
import { portAnswer } from "./answer.ts";
import { lookAt, touchedDifference, wholeDifference, worldOf } from "./expectation.ts";
import { type Fleet, NotDrivable } from "./fleet.ts";
import { isErrorReply } from "./request.ts";
import { serverConditions } from "./server-conditions.ts";
import { StepLog } from "./step-log.ts";
import type { SyncClient } from "./sync-client.ts";

export interface Divergence {
  readonly property: PropertyId;
  readonly where: Where;
  readonly story: readonly string[];
}

/** Steps between two comparisons of everything that all servers hold. */
const wholeEvery = 100;

type Where = "reply" | "content";
type Refusal = Parameters<Witness["refused"]>[1];

interface Sent {
  readonly raw: unknown;
  readonly found: unknown;
  readonly call: ScriptCall;
}

export class Mirror implements Witness {
  /** Commands that both sides have run or refused alike. */
  steps = 0;
  /** Number of these commands by answer; a kind of answer that is absent has not been compared. */
  readonly compared = new Map<string, number>();
  divergence: Divergence | null = null;
  /** Why no real server can do what happened; from then on nothing is compared. */
  notDrivable: string | null = null;
  readonly #client: SyncClient;
  readonly #fleet: Fleet;
  readonly #scripts: ScriptSet;
  readonly #names: Names = createNames();
  readonly #worlds = new Map<number, World>();
  readonly #log = new StepLog();

  constructor(client: SyncClient, fleet: Fleet, scripts: ScriptSet) {
    this.#client = client;
    this.#fleet = fleet;
    this.#scripts = scripts;
    fleet.reset();
  }

  began(server: number, data: Data): void {
    this.#drive(() => {
      this.#fleet.began(server, data);
      this.#worlds.set(server, worldOf(data));
      this.#log.note(`server ${server} begins`);
    });
  }

  copied(server: number, data: Data): void {
    this.#drive(() => this.#fleet.copied(server, data));
  }

  ended(server: number): void {
    this.#drive(() => {
      this.#compareWhole(server);
      this.#fleet.ended(server);
      this.#log.note(`server ${server} ends`);
    });
  }

  emptied(server: number): void {
    this.#drive(() => {
      this.#fleet.emptied(server);
      this.#worlds.set(server, loseAll(this.#worldOf(server)));
      this.#log.note(`server ${server} is emptied`);
    });
  }

  scriptsFlushed(server: number): void {
    this.#drive(() => this.#fleet.scriptsFlushed(server));
  }

  entryDeleted(server: number, partition: number, sequence: number): void {
    this.#drive(() => {
      const key = keyspace(prefix, `p${partition}`).feed;
      this.#client.execute(this.#fleet.urlOf(server, partition), ["XDEL", key, `${sequence}-0`]);
      const world = this.#worldOf(server);
      const log = partitionOf(world, partition);
      const feed = log.feed.filter((entry) => entry.sequence !== sequence);
      this.#worlds.set(server, withPartition(world, partition, { ...log, feed }));
      this.#log.note(`entry ${sequence} of partition ${partition} is deleted on server ${server}`);
    });
  }

  moved(server: number, partition: number): void {
    this.#drive(() => {
      this.#fleet.moved(server, partition);
      this.#log.note(`partition ${partition} of server ${server} has moved to another node`);
      this.#compareWhole(server);
    });
  }

  ran(arrival: Arrival, outcome: Outcome): unknown {
    return this.#drive(() => this.#ran(arrival, outcome)) ?? null;
  }

  refused(arrival: Arrival, cause: Refusal): void {
    this.#drive(() => {
      const resolved = resolvedOf(arrival);
      const { raw, found, call } = this.#send(arrival, resolved, cause);
      const said = raw instanceof Error ? (isNoScript(raw) ? "no_script" : classify(raw, 0, true).cause) : "a reply";
      const model = { kind: "error", cause };
      const store = raw instanceof Error ? { kind: "error", cause: said, message: raw.message } : { kind: said };
      this.#log.stepped(arrival, model);
      if (said !== cause) {
        this.#diverge({
          arrival,
          resolved,
          where: "reply",
          model,
          store,
          difference: { path: ["reply"], model, store },
        });
        return;
      }
      if (found !== null) {
        const difference = touchedDifference(found, call.keys, this.#sides(arrival, resolved));
        if (difference !== null) this.#diverge({ arrival, resolved, where: "content", model, store, difference });
      }
      this.#count(`refused ${cause}`);
    });
  }

  /** Called once the run is over. */
  finish(): void {
    this.#drive(() => {
      for (const server of this.#fleet.servers) this.#compareWhole(server);
    });
  }

  #ran(arrival: Arrival, outcome: Outcome): unknown {
    const resolved = resolvedOf(arrival);
    const { raw, found, call } = this.#send(arrival, resolved, null);
    const world = this.#worldOf(arrival.server);
    const { target } = resolved;
    this.#worlds.set(
      arrival.server,
      outcome.kind === "config"
        ? { ...world, config: outcome.after }
        : withPartition(world, target === "cfg" ? 0 : target, outcome.after),
    );
    const model = replyJson(outcome.reply);
    this.#log.stepped(arrival, model);
    // Before the reply is read, since this gives new epochs their names.
    const content = touchedDifference(found, call.keys, this.#sides(arrival, resolved));
    const store = answerJson(resolved, raw, this.#names);
    const reply = differ(["reply"], model, store);
    const difference = reply ?? content;
    if (difference !== null) {
      this.#diverge({ arrival, resolved, where: reply === null ? "content" : "reply", model, store, difference });
      return null;
    }
    this.#count(`${resolved.command.kind} ${outcome.reply.kind}`);
    return portAnswer(resolved, raw, this.#names);
  }

  #count(answer: string): void {
    this.steps += 1;
    this.compared.set(answer, (this.compared.get(answer) ?? 0) + 1);
    if (this.steps % wholeEvery !== 0) return;
    for (const server of this.#fleet.servers) if (!this.#fleet.isLoading(server)) this.#compareWhole(server);
  }

  #compareWhole(server: number): void {
    const found = this.#fleet
      .everywhere(server, ["EVAL", dumpScript, "0", prefix])
      .flatMap((each) => list("content", each));
    const difference = wholeDifference(found, this.#worldOf(server), this.#names);
    if (difference === null || this.divergence !== null) return;
    const divergence = { step: this.steps, move: { do: "script_flush" }, resolved: null, attempt: 1 } as const;
    const property = brokenProperty({
      ...divergence,
      difference,
      where: "content",
      modelReply: null,
      storeReply: null,
    });
    const text = `what server ${server} holds departs from the model in a key that no script of the last ${wholeEvery} steps declared`;
    this.divergence = { property, where: "content", story: this.#log.explain(text, difference, []) };
  }

  #sides({ server }: Arrival, { target }: Resolved) {
    return { names: this.#names, target, world: this.#worldOf(server) };
  }

  #worldOf(server: number): World {
    const world = this.#worlds.get(server);
    if (world === undefined) throw new NotDrivable(`server ${server} has not begun here`);
    return world;
  }

  /** @returns `found`: what the declared keys hold afterwards; null for a server that cannot be asked */
  #send(arrival: Arrival, resolved: Resolved, cause: Refusal | null): Sent {
    const call = toCall(resolved, this.#names);
    const { sha, source } = this.#scripts.scripts[call.script];
    const how = arrival.withSource ? ["EVAL", source] : ["EVALSHA", sha];
    const script = [...how, String(call.keys.length), ...call.keys, ...call.args];
    const { server } = arrival;
    const { target } = resolved;
    if (cause === "loading") return { raw: asThrown(this.#fleet.askLoading(server, script)), found: null, call };
    if (cause === "moved" && target !== "cfg")
      return { raw: asThrown(this.#fleet.askMoving(server, target, script)), found: null, call };
    const url = this.#fleet.urlOf(server, target);
    const around = serverConditions(this.#client, url, arrival, target);
    const { after, before } = around;
    const look = lookAt(call.keys);
    const replies = this.#client.commands(url, ...before, script, ...after, ...(around.isBusy ? [] : [look]));
    around.end();
    const found = around.isBusy ? this.#client.commands(url, look)[0] : replies.at(-1);
    return { raw: asThrown(replies[before.length]), found, call };
  }

  #diverge({ arrival, difference, model, resolved, store, where }: Found): void {
    if (this.divergence !== null) return;
    const divergence = { step: this.steps, move: { do: "script_flush" }, resolved, attempt: 1 } as const;
    const property = brokenProperty({ ...divergence, difference, where, modelReply: model, storeReply: store });
    const what = where === "reply" ? "the reply" : "what the keys hold";
    const found = `${what} departs from the model at step ${this.steps + 1}, ${arrival.at} ms, ${arrival.what.command.kind} on server ${arrival.server}`;
    this.divergence = {
      property,
      where,
      story: this.#log.explain(found, difference, [
        `sent: ${JSON.stringify(resolved.command)}`,
        `the model answers ${JSON.stringify(model)}`,
        `redis answers ${JSON.stringify(store)}`,
      ]),
    };
  }

  /** After a divergence, or where the real servers cannot be driven, the simulation continues alone. */
  #drive<Result>(work: () => Result): Result | undefined {
    if (this.divergence !== null || this.notDrivable !== null) return undefined;
    try {
      return work();
    } catch (error) {
      if (!(error instanceof NotDrivable)) throw error;
      this.notDrivable = error.message;
      return undefined;
    }
  }
}

/** A difference between the model and a real server, with the command that showed it. */
interface Found {
  readonly arrival: Arrival;
  readonly resolved: Resolved;
  readonly where: Where;
  readonly model: Json;
  readonly store: Json;
  readonly difference: Difference;
}

/** An error reply of a server, with the name that ioredis gives it. */
class ServerError extends Error {
  override readonly name = "ReplyError";
}

function asThrown(said: unknown): unknown {
  return isErrorReply(said) ? new ServerError(said.error) : said;
}

function resolvedOf({ what }: Arrival): Resolved {
  return what.kind === "config"
    ? { target: "cfg", command: what.command }
    : { target: what.partition, command: what.command };
}
