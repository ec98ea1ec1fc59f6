/** The messages in flight between several clients and the store, in both directions, and the knowledge of each client. */
import type { CallMove, Move, StoreEvent } from "./plan.ts";
import type { Resolved } from "./resolve.ts";
import { clientCount, emptyWorld, logOf, type Target, type World } from "./world.ts";

/** How often calls in flight met each situation. A count of 0 proves nothing: see `neverMet`. */
export interface TrafficCounts {
  sent: number;
  executed: number;
  answered: number;
  /** Answers after which another call had run in between. */
  answered_late: number;
  /** Run after a call that was sent later. */
  overtaken: number;
  lost_before: number;
  lost_after: number;
  late_past_reconnect: number;
  retried: number;
  duplicated: number;
  /** Made with a knowledge that was no longer the store's when it was run. */
  stale_knowledge: number;
  /** Run in another epoch than the one in which it was sent. */
  epoch_between: number;
  script_flush_between: number;
  flush_all_between: number;
  promote_between: number;
  restart_between: number;
  sweeps_by_client_0: number;
  sweeps_by_client_1: number;
  sweeps_by_client_2: number;
}

export function noTraffic(): TrafficCounts {
  return {
    sent: 0,
    executed: 0,
    answered: 0,
    answered_late: 0,
    overtaken: 0,
    lost_before: 0,
    lost_after: 0,
    late_past_reconnect: 0,
    retried: 0,
    duplicated: 0,
    stale_knowledge: 0,
    epoch_between: 0,
    script_flush_between: 0,
    flush_all_between: 0,
    promote_between: 0,
    restart_between: 0,
    sweeps_by_client_0: 0,
    sweeps_by_client_1: 0,
    sweeps_by_client_2: 0,
  };
}

export function addTraffic(total: TrafficCounts, more: Readonly<TrafficCounts>): void {
  for (const each of Object.keys(total) as (keyof TrafficCounts)[]) total[each] += more[each];
}

export function neverMet(counts: object): readonly string[] {
  return Object.entries(counts).flatMap(([what, often]) => (often === 0 ? [what] : []));
}

interface Call {
  readonly name: number;
  readonly client: number;
  /** Place among all that were sent. */
  readonly order: number;
  readonly resolved: Resolved;
  readonly epoch: number | null;
  readonly known: World;
  executed: number;
  isAnswered: boolean;
}

/** A copy of the call in flight to the store. */
export interface Request {
  readonly call: Call;
  readonly origin: "sent" | "retried" | "duplicated";
  /** The number of the connection of its client, from 0. */
  readonly connection: number;
  readonly met: Set<Between>;
}

interface Answer {
  readonly call: Call;
  readonly connection: number;
  /** The number of executions of the run. */
  readonly execution: number;
  readonly world: World;
}

type Between = Extract<StoreEvent["do"], "script_flush" | "flush_all" | "promote" | "restart">;
const between: ReadonlySet<string> = new Set<Between>(["script_flush", "flush_all", "promote", "restart"]);

interface Client {
  connection: number;
  /** A client that has received an answer knows the store right after that call; an older answer teaches it nothing. */
  known: World;
  heard: number;
}

export class Traffic {
  readonly counts: TrafficCounts = noTraffic();
  readonly #clients: readonly Client[] = Array.from({ length: clientCount }, () => ({
    connection: 0,
    known: emptyWorld,
    heard: 0,
  }));
  readonly #calls: Call[] = [];
  readonly #requests: Request[] = [];
  readonly #answers: Answer[] = [];
  #executions = 0;
  #latest = -1;

  /** @param resolve makes the command of what its client knows; the time it reads itself */
  send(move: Extract<Move, { do: "send" }>, world: World, resolve: (call: CallMove, known: World) => Resolved): void {
    const sender = this.#client(move.client);
    if (move.knows === "all") learn(sender, world, this.#executions);
    const { known, connection } = sender;
    const resolved = resolve(move.call, { ...known, at: world.at });
    const epoch = logOf(world, resolved.target).meta?.epoch ?? null;
    const { name, client } = move;
    const call = { name, client, order: this.counts.sent, resolved, epoch, known, executed: 0, isAnswered: false };
    this.counts.sent += 1;
    this.#calls.push(call);
    this.#requests.push({ call, origin: "sent", connection, met: new Set() });
  }

  retry(name: number): void {
    const call = this.#calls.findLast((each) => each.name === name);
    if (!call || call.isAnswered) return;
    this.#requests.push({ call, origin: "retried", connection: this.#client(call.client).connection, met: new Set() });
  }

  duplicate(name: number): void {
    const request = this.#requests.findLast(({ call }) => call.name === name);
    if (request) this.#requests.push({ ...request, origin: "duplicated", met: new Set(request.met) });
  }

  drop(name: number): void {
    this.counts.lost_before += Number(this.arrive(name) !== undefined);
  }

  /** Taken off its way; undefined where no call of that name is on it. */
  arrive(name: number): Request | undefined {
    const at = this.#requests.findLastIndex(({ call }) => call.name === name);
    return at < 0 ? undefined : this.#requests.splice(at, 1)[0];
  }

  /** @returns which execution of this call it was, from 1 */
  executed({ call, origin, connection, met }: Request, before: World, world: World, how: AnswerKind): number {
    const { counts } = this;
    const { target, command } = call.resolved;
    this.#executions += 1;
    call.executed += 1;
    counts.executed += 1;
    counts.overtaken += Number(call.order < this.#latest);
    this.#latest = Math.max(this.#latest, call.order);
    counts.retried += Number(origin === "retried");
    counts.duplicated += Number(origin === "duplicated");
    counts.late_past_reconnect += Number(connection < this.#client(call.client).connection);
    counts.stale_knowledge += Number(logPosition(call.known, target) !== logPosition(before, target));
    const epoch = logOf(world, target).meta?.epoch;
    counts.epoch_between += Number(call.epoch !== null && call.epoch !== epoch);
    for (const event of met) counts[`${event}_between`] += 1;
    if (command.kind === "sweep") counts[sweepsOf(call.client)] += 1;
    const answer = { call, connection, execution: this.#executions, world };
    if (how === "late") this.#answers.push(answer);
    else if (how === "lost") counts.lost_after += 1;
    else this.#hear(answer);
    return call.executed;
  }

  answer(name: number): void {
    const at = this.#answers.findLastIndex(({ call }) => call.name === name);
    const [answer] = at < 0 ? [] : this.#answers.splice(at, 1);
    if (answer) this.#hear(answer);
  }

  reconnect(client: number): void {
    this.#client(client).connection += 1;
  }

  storeChanged(event: StoreEvent["do"]): void {
    if (between.has(event)) for (const { met } of this.#requests) met.add(event as Between);
  }

  /** All clients know the answer of a synchronous call. */
  allHear(world: World): void {
    this.#executions += 1;
    for (const client of this.#clients) learn(client, world, this.#executions);
  }

  #hear({ call, connection, execution, world }: Answer): void {
    const client = this.#client(call.client);
    if (connection < client.connection) {
      this.counts.lost_after += 1;
      return;
    }
    call.isAnswered = true;
    this.counts.answered += 1;
    this.counts.answered_late += Number(execution < this.#executions);
    if (execution >= client.heard) learn(client, world, execution);
  }

  #client(number: number): Client {
    const client = this.#clients[number];
    if (!client) throw new RangeError(`a plan names client ${number} of ${clientCount}`);
    return client;
  }
}

function learn(client: Client, world: World, execution: number): void {
  client.known = world;
  client.heard = execution;
}

function logPosition(world: World, target: Target): string {
  const { epoch, sequence } = logOf(world, target).meta ?? { epoch: "none", sequence: 0 };
  return `${epoch}:${sequence}`;
}

type AnswerKind = Extract<Move, { do: "deliver" }>["answer"];

function sweepsOf(client: number): "sweeps_by_client_0" | "sweeps_by_client_1" | "sweeps_by_client_2" {
  return client === 0 ? "sweeps_by_client_0" : client === 1 ? "sweeps_by_client_1" : "sweeps_by_client_2";
}
