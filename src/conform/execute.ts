/** One plan, executed: every reply and the whole content held against the model after every step, up to the first difference. */
import type { ScriptSet } from "../redis/scripts.ts";
import { type Advanced, advance } from "./advance.ts";
import { type Content, type Difference, differ, firstDifference, type Json } from "./content.ts";
import { readContent } from "./dump.ts";
import { createNames, type Names } from "./epochs.ts";
import { expectedContent } from "./expect.ts";
import type { CallMove, Move, Plan } from "./plan.ts";
import { answerJson, replyJson, toCall } from "./request.ts";
import { type Resolved, resolve } from "./resolve.ts";
import type { Subject } from "./subject.ts";
import { anotherServer, emptyWorld, loseAll, type World } from "./world.ts";

/** What one step of a run did; `attempt` 2 is the repetition after a lost reply. */
export interface StepRecord {
  readonly move: Move;
  readonly resolved: Resolved | null;
  readonly attempt: 1 | 2;
  readonly before: World;
  readonly advanced: Advanced | null;
}

export interface Divergence {
  readonly step: number;
  readonly move: Move;
  readonly resolved: Resolved | null;
  readonly attempt: 1 | 2;
  readonly difference: Difference;
  /** `reply`: what the caller was told; `content`: what the keys hold; `repeated`: the second run of a call changed something. */
  readonly where: "reply" | "content" | "repeated";
  readonly modelReply: Json | null;
}

export interface Execution {
  readonly divergence: Divergence | null;
  /** Script calls made, repetitions included. */
  readonly commands: number;
}

export interface Watcher {
  /** Told after each step that agreed, with the content that both hold. */
  stepped(record: StepRecord, content: Content): void;
}

export async function execute(subject: Subject, scripts: ScriptSet, plan: Plan, watcher?: Watcher): Promise<Execution> {
  await subject.flushAll();
  const run = new Run(subject, scripts, plan.feedMax, watcher);
  for (const [step, move] of plan.moves.entries()) {
    const divergence = await run.make(move, step + 1);
    if (divergence) return { divergence, commands: run.commands };
  }
  return { divergence: null, commands: run.commands };
}

/** A call on its way to the store. */
interface InFlight {
  readonly name: number;
  readonly resolved: Resolved;
  readonly delivered: number;
}

/** All moves that are neither calls nor their way through the network: what happens to the store and its clock. */
type Accident = Exclude<Move, CallMove | { do: "send" } | { do: "deliver" } | { do: "drop" }>;

class Run {
  commands = 0;
  #issued = 0;
  readonly #inFlight: InFlight[] = [];
  #world: World = emptyWorld;
  #content: Content = new Map();
  readonly #names: Names = createNames();
  readonly #subject: Subject;
  readonly #scripts: ScriptSet;
  readonly #feedMax: number;
  readonly #watcher: Watcher | undefined;

  constructor(subject: Subject, scripts: ScriptSet, feedMax: number, watcher: Watcher | undefined) {
    this.#subject = subject;
    this.#scripts = scripts;
    this.#feedMax = feedMax;
    this.#watcher = watcher;
  }

  async make(move: Move, step: number): Promise<Divergence | null> {
    switch (move.do) {
      case "send":
        this.#inFlight.push({ name: move.name, resolved: this.#resolve(move.call), delivered: 0 });
        return null;
      case "drop":
        this.#take(move.name);
        return null;
      case "deliver":
        return await this.#deliver(move, step);
      default:
        return "delivery" in move ? await this.#makeCall(move, step) : await this.#happen(move, step);
    }
  }

  #resolve(move: CallMove): Resolved {
    this.#issued += 1;
    return resolve(move, this.#world, this.#feedMax, `t${this.#issued}`);
  }

  #take(name: number): InFlight | undefined {
    const at = this.#inFlight.findLastIndex((message) => message.name === name);
    return at < 0 ? undefined : this.#inFlight.splice(at, 1)[0];
  }

  /** What was said when it was sent, at the time at which it arrives. */
  async #deliver(move: Extract<Move, { do: "deliver" }>, step: number): Promise<Divergence | null> {
    const message = this.#take(move.name);
    if (!message) return null;
    const { at } = this.#world;
    const resolved = { ...message.resolved, command: { ...message.resolved.command, at } } as Resolved;
    const delivered = message.delivered + 1;
    if (move.again) this.#inFlight.push({ ...message, delivered });
    return await this.#call(move, resolved, step, delivered === 1 ? 1 : 2);
  }

  async #makeCall(move: CallMove, step: number): Promise<Divergence | null> {
    // Resolved before it is lost or not: the repetition is the same call, at a later time if the first never arrived.
    if (move.delivery === "request_lost") this.#world = { ...this.#world, at: this.#world.at + 1 };
    const resolved = this.#resolve(move);
    const first = await this.#call(move, resolved, step, 1);
    if (first || move.delivery !== "reply_lost") return first;
    const before = this.#content;
    const second = await this.#call(move, resolved, step, 2);
    if (second) return second;
    const changed = firstDifference(before, this.#content);
    const found = { step, move, resolved, attempt: 2, where: "repeated", modelReply: null } as const;
    return changed && { ...found, difference: changed };
  }

  async #call(move: Move, resolved: Resolved, step: number, attempt: 1 | 2): Promise<Divergence | null> {
    const { raw, content } = await this.#subject.call(this.#scripts, toCall(resolved, this.#names));
    this.commands += 1;
    const before = this.#world;
    const advanced = advance(before, resolved);
    this.#world = advanced.world;
    this.#content = readContent(content, this.#names, this.#world);
    const modelReply = replyJson(advanced.reply);
    const found = { step, move, resolved, attempt, modelReply } as const;
    const reply = differ(["reply"], modelReply, answerJson(resolved, raw, this.#names));
    if (reply) return { ...found, where: "reply", difference: reply };
    const kept = firstDifference(expectedContent(this.#world), this.#content);
    if (kept) return { ...found, where: "content", difference: kept };
    this.#watcher?.stepped({ move, resolved, attempt, before, advanced }, this.#content);
    return null;
  }

  async #happen(move: Accident, step: number): Promise<Divergence | null> {
    const before = this.#world;
    this.#world = await this.#accident(move, before);
    this.#content = readContent(await this.#subject.content(), this.#names, this.#world);
    const difference = firstDifference(expectedContent(this.#world), this.#content);
    if (difference) {
      return { step, move, resolved: null, attempt: 1, where: "content", modelReply: null, difference };
    }
    this.#watcher?.stepped({ move, resolved: null, attempt: 1, before, advanced: null }, this.#content);
    return null;
  }

  async #accident(move: Accident, world: World): Promise<World> {
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
    }
  }
}

function earliest({ partitions }: World, what: "expiry" | "lease"): number | undefined {
  const times = partitions.flatMap(({ nodes, jobs }) =>
    what === "expiry"
      ? [...nodes.values()].map(({ expiresAt }) => expiresAt)
      : [...jobs.values()].flatMap((held) => [...held.values()]),
  );
  return times.length === 0 ? undefined : Math.min(...times);
}
