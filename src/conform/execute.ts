/** Executes one plan: compares every reply and the whole content with the model after every step, up to the first difference. */
import type { ScriptSet } from "../redis/scripts/scripts.ts";
import { type Advanced, advance } from "./advance.ts";
import { changedBy, commandOf } from "./plan/meddling.ts";
import type { CallMove, Move, Plan, StoreEvent } from "./plan/plan.ts";
import { instantsOf, isDue, type Resolved, resolve, withTime } from "./plan/resolve.ts";
import { Traffic, type TrafficCounts } from "./plan/traffic.ts";
import { anotherServer, emptyWorld, loseAll, type World } from "./plan/world.ts";
import { type WrongKey, withWrongKey, wrongKeyOf } from "./plan/wrong-types.ts";
import { type Content, type Difference, differ, firstDifference, isInstant, type Json } from "./store/content.ts";
import { readContent } from "./store/dump.ts";
import { createNames, type Names } from "./store/epochs.ts";
import { expectedContent, keyOf } from "./store/expect.ts";
import { cutToBytes } from "./store/reply-bytes.ts";
import { answerJson, replyJson, toCall } from "./store/request.ts";
import { expectedWakeUps, publishedWakeUps } from "./store/wake-ups.ts";
import type { Observation, Subject } from "./subject.ts";

/** The effect of one step of a run; `attempt` 2 is the repetition after a lost reply. */
export interface StepRecord {
  readonly move: Move;
  readonly resolved: Resolved | null;
  readonly attempt: 1 | 2;
  readonly before: World;
  readonly advanced: Advanced | null;
  /** Nothing that is there by now comes from the server's own clock, which no run reads twice alike. */
  readonly isExact: boolean;
}

export interface Divergence {
  readonly step: number;
  readonly move: Move;
  readonly resolved: Resolved | null;
  readonly attempt: 1 | 2;
  readonly difference: Difference;
  /** `reply`: the reply to the caller; `content`: what the keys hold; `repeated`: the second run of a call changed something. */
  readonly where: "reply" | "content" | "repeated";
  readonly modelReply: Json | null;
  readonly storeReply: Json | null;
}

export interface Execution {
  readonly divergence: Divergence | null;
  /** Script calls made, repetitions included. */
  readonly commands: number;
  readonly traffic: Readonly<TrafficCounts>;
}

export interface Watcher {
  /** Called after each step that agreed, with the content that both hold. */
  stepped(record: StepRecord, content: Content): void;
  /** Called for the step that diverged, with the contents of store and model. */
  diverged?(content: Content, world: World): void;
}

export async function execute(subject: Subject, scripts: ScriptSet, plan: Plan, watcher?: Watcher): Promise<Execution> {
  await subject.flushAll();
  const { time } = await subject.content();
  const run = new Run(subject, scripts, { feedMax: plan.feedMax, time }, watcher);
  let divergence: Divergence | null = null;
  for (const [at, move] of plan.moves.entries()) {
    divergence = await run.make(move, at + 1);
    if (divergence) break;
  }
  if (divergence) watcher?.diverged?.(run.content, run.world);
  subject.hangUp();
  return { divergence, commands: run.commands, traffic: run.traffic.counts };
}

/** One execution of a script; `from` names the connection, absent: the subject's own. */
interface Call {
  readonly move: Move;
  readonly resolved: Resolved;
  readonly step: number;
  readonly attempt: 1 | 2;
  readonly from?: string;
}

interface Begun {
  readonly feedMax: number;
  readonly time: number;
}

class Run {
  commands = 0;
  readonly traffic = new Traffic();
  #issued = 0;
  /** As last observed, ms. */
  #serverTime: number;
  #isExact = true;
  #world: World = emptyWorld;
  #content: Content = new Map();
  get world(): World {
    return this.#world;
  }
  get content(): Content {
    return this.#content;
  }
  readonly #names: Names = createNames();
  readonly #subject: Subject;
  readonly #scripts: ScriptSet;
  readonly #feedMax: number;
  readonly #watcher: Watcher | undefined;

  /** @param begun with a store that is empty at `time` */
  constructor(subject: Subject, scripts: ScriptSet, begun: Begun, watcher: Watcher | undefined) {
    this.#subject = subject;
    this.#scripts = scripts;
    this.#feedMax = begun.feedMax;
    this.#serverTime = begun.time;
    this.#watcher = watcher;
  }

  async make(move: Move, step: number): Promise<Divergence | null> {
    switch (move.do) {
      case "send":
        this.traffic.send(move, this.#world, (call, known) => this.#resolve(call, known));
        return null;
      case "answer":
        this.traffic.answer(move.name);
        return null;
      case "retry":
        this.traffic.retry(move.name);
        return null;
      case "duplicate":
        this.traffic.duplicate(move.name);
        return null;
      case "drop":
        this.traffic.drop(move.name);
        return null;
      case "reconnect":
        this.traffic.reconnect(move.client);
        return null;
      case "deliver":
        return await this.#deliver(move, step);
      default:
        return "delivery" in move ? await this.#makeCall(move, step) : await this.#makeEvent(move, step);
    }
  }

  #resolve(move: CallMove, known: World): Resolved {
    this.#issued += 1;
    return resolve(move, known, this.#feedMax, `t${this.#issued}`);
  }

  /** The command as it was when it was sent, with the time of its arrival. */
  async #deliver(move: Extract<Move, { do: "deliver" }>, step: number): Promise<Divergence | null> {
    const request = this.traffic.arrive(move.name);
    if (!request) return null;
    const { resolved: sent, client, executed } = request.call;
    const before = this.#world;
    const resolved = withTime(sent, before.at);
    const from = `client ${client}, connection ${request.connection}`;
    const divergence = await this.#call({ move, resolved, step, attempt: executed === 0 ? 1 : 2, from });
    if (!divergence) this.traffic.executed(request, before, this.#world, move.answer);
    return divergence;
  }

  async #makeCall(move: CallMove, step: number): Promise<Divergence | null> {
    // Resolved before it is lost or not: the repetition is the same call, at a later time if the first never arrived.
    if (move.delivery === "request_lost") this.#world = { ...this.#world, at: this.#world.at + 1 };
    const resolved = this.#resolve(move, this.#world);
    if (resolved.instead !== undefined) return await this.#callRefused({ move, resolved, step, attempt: 1 });
    const first = await this.#call({ move, resolved, step, attempt: 1 });
    if (!first) this.traffic.allHear(this.#world);
    if (first || move.delivery !== "reply_lost") return first;
    const before = this.#content;
    const isSettled = !mayGoOn(this.#world, resolved);
    const second = await this.#call({ move, resolved, step, attempt: 2 });
    if (second || !isSettled) return second;
    const changed = firstDifference(before, this.#content);
    const found = { step, move, resolved, attempt: 2, where: "repeated", modelReply: null, storeReply: null } as const;
    return changed && { ...found, difference: changed };
  }

  /** Only the reply is compared. What the call has written or published is a difference in the next move. */
  async #callRefused(call: Omit<Call, "from">): Promise<Divergence | null> {
    const { attempt, move, resolved } = call;
    const raw = await this.#subject.refused(this.#scripts, toCall(resolved, this.#names));
    this.commands += 1;
    const before = this.#world;
    const advanced = advance(before, resolved);
    const modelReply = replyJson(advanced.reply);
    const storeReply = answerJson(resolved, raw, this.#names);
    const difference = differ(["reply"], modelReply, storeReply);
    if (difference) return { ...call, modelReply, storeReply, where: "reply", difference };
    this.#watcher?.stepped({ move, resolved, attempt, before, advanced, isExact: this.#isExact }, this.#content);
    return null;
  }

  async #call({ from, ...call }: Call): Promise<Divergence | null> {
    const { resolved } = call;
    const observed = await this.#subject.call(this.#scripts, toCall(resolved, this.#names), from);
    this.commands += 1;
    const before = this.#world;
    const earliest = this.#serverTime;
    this.#serverTime = observed.time;
    this.#isExact &&= resolved.clock === undefined;
    let found: { readonly divergence: Divergence; readonly advanced: Advanced } | null = null;
    // The clock of the server is known by its bounds: the script has to agree with the model at one instant between them.
    for (const at of instantsOf(resolved, earliest, observed.time)) {
      const timed = at === null ? resolved : withTime(resolved, at);
      const advanced = advance(at === null ? before : { ...before, at }, timed);
      const divergence = this.#compare({ ...call, resolved: timed }, observed, advanced);
      if (divergence !== null) {
        if (found === null || closeness(divergence) > closeness(found.divergence)) found = { divergence, advanced };
        continue;
      }
      const { attempt, move } = call;
      const isExact = this.#isExact;
      this.#watcher?.stepped({ move, resolved: timed, attempt, before, advanced, isExact }, this.#content);
      return null;
    }
    return found && this.#compare(found.divergence as Call, observed, found.advanced);
  }

  /** Leaves the contents of store and model, which a difference is explained with. */
  #compare(call: Omit<Call, "from">, { content, published, raw }: Observation, advanced: Advanced): Divergence | null {
    const { resolved } = call;
    this.#world = advanced.world;
    this.#content = readContent(content, this.#names, this.#world);
    const modelReply = cutToBytes(replyJson(advanced.reply), resolved.command, raw);
    const storeReply = answerJson(resolved, raw, this.#names);
    const found = { ...call, modelReply, storeReply } as const;
    const reply = differ(["reply"], modelReply, storeReply);
    const kept = firstDifference(expectedContent(this.#world), this.#content);
    // The reply to a sweep depends on the time of the sweep, so a difference in that time comes first.
    if (reply && !isOfSweeping(kept)) return { ...found, where: "reply", difference: reply };
    if (kept) return { ...found, where: "content", difference: kept };
    const expected = expectedWakeUps(resolved.target, advanced, resolved.command.kind === "group");
    const woken = differ(["published"], expected, publishedWakeUps(published, resolved.target, this.#names));
    return woken && { ...found, where: "content", difference: woken };
  }

  async #makeEvent(move: StoreEvent, step: number): Promise<Divergence | null> {
    const before = this.#world;
    this.traffic.storeChanged(move.do);
    this.#world = await this.#applyEvent(move, before);
    const { content, published, time } = await this.#subject.content();
    this.#serverTime = time;
    this.#content = readContent(content, this.#names, this.#world);
    const kept = firstDifference(expectedContent(this.#world), this.#content);
    const difference = kept ?? differ(["published"], [], publishedWakeUps(published, "cfg", this.#names));
    if (difference) {
      return {
        step,
        move,
        resolved: null,
        attempt: 1,
        where: "content",
        modelReply: null,
        storeReply: null,
        difference,
      };
    }
    const isExact = this.#isExact;
    this.#watcher?.stepped({ move, resolved: null, attempt: 1, before, advanced: null, isExact }, this.#content);
    return null;
  }

  async #applyEvent(move: StoreEvent, world: World): Promise<World> {
    switch (move.do) {
      case "wait":
        return { ...world, at: Math.max(0, world.at + move.by) };
      case "wait_until_due":
        return { ...world, at: (earliest(world, move.what) ?? world.at) + move.off };
      case "script_flush":
        await this.#subject.scriptFlush();
        return world;
      case "flush_all":
        await this.#subject.flushAll();
        return loseAll(world);
      case "promote":
        await this.#subject.promote();
        return anotherServer(world);
      case "restart":
        await this.#subject.restart(move.keepData);
        return anotherServer(move.keepData ? world : loseAll(world));
      case "meddle":
        return await this.#meddle(move.what, world);
      case "spoil":
        return await this.#spoil(wrongKeyOf(move), world);
      case "mend":
        for (const [target, wrong] of world.wrong)
          for (const key of wrong.keys()) await this.#subject.mend(keyOf(target, key));
        return { ...world, wrong: new Map() };
    }
  }

  async #meddle(what: Extract<StoreEvent, { do: "meddle" }>["what"], world: World): Promise<World> {
    const after = changedBy(world, what);
    if (after === null) return world;
    const { args, key, name, target } = commandOf(what);
    await this.#subject.meddle(name, keyOf(target, key), args);
    return after;
  }

  async #spoil(spoilt: WrongKey, world: World): Promise<World> {
    const { key, target, type } = spoilt;
    const after = withWrongKey(world, spoilt);
    if (after !== world) await this.#subject.spoil(keyOf(target, key), type);
    return after;
  }
}

function isOfSweeping(difference: Difference | null): boolean {
  return ["swept_ms", "held_ms"].includes(difference?.path.at(-1) ?? "");
}

/** How much the model agrees: at the instant that the script took, no deadline differs, and if anything the answer is the same. */
function closeness({ difference: { model, store }, where }: Divergence): number {
  return (isInstant(model) && isInstant(store) ? 0 : 2) + (where === "reply" ? 0 : 1);
}

function earliest({ partitions }: World, what: "expiry" | "lease"): number | undefined {
  const times = partitions.flatMap(({ nodes, jobs }) =>
    what === "expiry"
      ? [...nodes.values()].map(({ expiresAt }) => expiresAt)
      : [...jobs.values()].flatMap((held) => [...held.values()]),
  );
  return times.length === 0 ? undefined : Math.min(...times);
}

/** A sweep that met its limit goes on when it is repeated; in a group an item may undo what another one did (docs/protocol.md, section 5). */
function mayGoOn({ at, partitions }: World, { clock, command }: Resolved): boolean {
  if (command.kind === "group") return command.items.length > 1;
  if (command.kind !== "sweep") return false;
  if (clock === "server") return true; // it is not at the same time
  return command.candidates.some((node) => partitions.some((held) => held.nodes.has(node) && isDue(held, node, at)));
}
