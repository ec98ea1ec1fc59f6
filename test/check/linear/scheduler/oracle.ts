/** Judges small histories by trying every order, with every change that the scheduler may make of itself, from every beginning that there may have been. */
import type { NodeInput, NodeOutput } from "../../../../src/check/linear/scheduler/calls.ts";
import type { NodeFacts } from "../../../../src/check/linear/scheduler/terms.ts";
import type { Operation } from "../../../../src/check/linear/search/operation.ts";
import { emptyWorld, ownChanges, possibleAnswers, type Setting, type World } from "./concrete-node.ts";

export type NodeCall = Operation<NodeInput, NodeOutput>;

/** Whether some order explains the history; null: more had to be tried than `most`. */
export function explains(facts: NodeFacts, history: readonly NodeCall[], most: number): boolean | null {
  try {
    return isExplained(facts, history, most);
  } catch (error) {
    if (error instanceof TooMany) return null;
    throw error;
  }
}

class TooMany extends Error {}

/** Whether some order explains the history. */
export function isExplained(facts: NodeFacts, history: readonly NodeCall[], most = Number.POSITIVE_INFINITY): boolean {
  const calls = history.filter(({ outcome }) => outcome !== "fail");
  const setting = settingOf(facts, calls);
  const worlds = facts.isOpen ? beginnings(calls, setting, facts.beginsAt) : [emptyWorld];
  const orders = new Orders(setting, calls, most);
  return worlds.some((world) => orders.explains(world));
}

class Orders {
  readonly #setting: Setting;
  readonly #calls: readonly NodeCall[];
  readonly #failed = new Set<string>();
  readonly #most: number;

  constructor(setting: Setting, calls: readonly NodeCall[], most: number) {
    this.#setting = setting;
    this.#calls = calls;
    this.#most = most;
  }

  explains(world: World, left: readonly NodeCall[] = this.#calls): boolean {
    if (left.every(({ outcome }) => outcome === "info")) return true;
    const key = `${left.map(({ id }) => id)}${JSON.stringify(world)}`;
    if (this.#failed.has(key)) return false;
    // The next call or change takes effect by the first return.
    const until = Math.min(...left.map((call) => (call.outcome === "ok" ? call.returned : Number.POSITIVE_INFINITY)));
    const found =
      left.some((call) => call.call <= until && this.#places(call, world, left, until)) ||
      ownChanges(this.#setting, world, until).some((next) => this.explains(next, left));
    if (!found) this.#failed.add(key);
    if (this.#failed.size > this.#most) throw new TooMany();
    return found;
  }

  #places(call: NodeCall, world: World, left: readonly NodeCall[], until: number): boolean {
    const rest = left.filter((other) => other !== call);
    return possibleAnswers(this.#setting, world, call.input, until).some(
      ({ output, world: next }) => (call.output === null || isAnswer(call.output, output)) && this.explains(next, rest),
    );
  }
}

/** Whether what was answered says the same as what it would be, as far as it says anything. */
function isAnswer(answered: NodeOutput, would: NodeOutput): boolean {
  if (answered.outcome !== would.outcome) return false;
  if (answered.incarnation !== undefined && answered.incarnation !== would.incarnation) return false;
  const { incarnation, places, status } = answered.shown ?? {};
  return (
    (incarnation === undefined || incarnation === would.shown?.incarnation) &&
    (status === undefined || status === would.shown?.status) &&
    (places === undefined ||
      (places.capacity === would.shown?.places?.capacity && places.taken === would.shown.places.taken))
  );
}

function settingOf({ losses, terms }: NodeFacts, calls: readonly NodeCall[]): Setting {
  const given = calls.flatMap(({ output }) =>
    output?.outcome === "registered" && typeof output.incarnation === "string" ? [output.incarnation] : [],
  );
  const mentioned = new Set(calls.flatMap(namesIn).filter((name) => !given.includes(name)));
  return { terms, losses, given, mentioned: [...mentioned] };
}

function namesIn({ input, output }: NodeCall): readonly string[] {
  const asked = "incarnation" in input ? input.incarnation : input.op === "register_node" ? input.expected : null;
  return [asked, output?.incarnation, output?.shown?.incarnation].filter((name) => typeof name === "string");
}

/**
 * The nodes that there can be at first, as far as the history can tell them apart. What may end by itself at any time is there: each job has a place or is
 * finished, and jobs that the history does not name have all other places.
 */
function beginnings(calls: readonly NodeCall[], { mentioned }: Setting, beginsAt: number): readonly World[] {
  const inputs = calls.map(({ input }) => input);
  const jobs = [...new Set(inputs.flatMap((input) => ("job" in input ? [input.job] : [])))];
  const tokens = new Set(inputs.flatMap((input) => (input.op === "register_node" ? [input.token] : [])));
  const beats = inputs.flatMap((input) => (input.op === "heartbeat" ? [input.seq] : []));
  const beatNumbers = new Set([-1, ...beats, ...beats.map((seq) => seq + 1)]);
  const shown = calls.flatMap(({ output }) => output?.shown?.places?.capacity ?? []);
  const worlds: World[] = [{ ...emptyWorld, hadOther: true }];
  for (const name of [...mentioned, "unheard"]) {
    for (const token of [...tokens, "unheard"]) {
      for (const seq of beats.length === 0 ? [-1] : beatNumbers) {
        for (const max of new Set([...shown, 1, 2, ...jobs.map((_, index) => index + 1)])) {
          const empty = { name, token, seq, done: jobs, max, due: long };
          worlds.push(world({ ...empty, status: "offline" }), world({ ...empty, status: "expired" }));
          for (const held of subsets(jobs).filter(({ length }) => length <= max)) {
            const done = jobs.filter((job) => !held.includes(job));
            const strangers = max - held.length;
            worlds.push(world({ name, token, seq, done, status: "online", max, held, strangers, due: beginsAt }));
          }
        }
      }
    }
  }
  return worlds;
}

interface Begun {
  readonly name: string;
  readonly token: string | null;
  readonly seq: number;
  readonly done: readonly number[];
  readonly status: "online" | "offline" | "expired";
  readonly max: number;
  readonly due: number;
  readonly held?: readonly number[];
  readonly strangers?: number;
}

/** Ago: what may have ended at any time. */
const long = -1e9;

function world({ done, due, held = [], max, name, seq, status, strangers = 0, token }: Begun): World {
  return {
    ...emptyWorld,
    hadOther: true,
    names: [name],
    record: {
      ...{ status, name, token, seq, max, strangers, due, hadOther: true, mayForget: true, firstDone: 1e9 },
      jobs: Object.fromEntries(held.map((job) => [job, long])),
      done: Object.fromEntries(done.map((job, index) => [job, [long, index] as const])),
      finished: done.length,
    },
  };
}

function subsets<Value>(values: readonly Value[]): readonly (readonly Value[])[] {
  const [first, ...rest] = values;
  if (first === undefined) return [[]];
  return subsets(rest).flatMap((subset) => [subset, [first, ...subset]]);
}
