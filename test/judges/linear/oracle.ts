/**
 * L1 a second time, for small histories of one node in one epoch: every assignment of changes to calls and every order is tried. What a reply claims is found
 * by running the script on the state, as docs/protocol.md says it, not by a table of replies.
 */
import type { Call } from "../../../src/check/history.ts";
import { explain } from "../../../src/check/linear/search/brute.ts";
import type { Operation, SequentialObject } from "../../../src/check/linear/search/operation.ts";

export interface MadeChange {
  readonly kind: "registered" | "health" | "offline" | "reserved" | "completed" | "released";
  readonly job: string;
  /** The incarnation that a change of kind `registered` begins. */
  readonly incarnation: string;
  readonly at: number;
  /** The id of the call whose request made it. */
  readonly call: number;
}

/** Whether it is known which request made a change, and exactly when. */
export type World = "simulated" | "recorded";

interface NodeState {
  readonly isOnline: boolean;
  readonly incarnation: string;
  readonly jobs: ReadonlySet<string>;
  readonly finished: ReadonlySet<string>;
}

const places = 2;

function after(node: NodeState | null, { incarnation, job, kind }: MadeChange): NodeState {
  const finished = node?.finished ?? new Set();
  if (kind === "registered") return { isOnline: true, incarnation, jobs: new Set(), finished };
  if (node === null) throw new RangeError(`${kind} of a node that there is not`);
  const without = new Set([...node.jobs].filter((one) => one !== job));
  switch (kind) {
    case "health":
      return node;
    case "offline":
      return { ...node, isOnline: false, jobs: new Set() };
    case "reserved":
      return { ...node, jobs: new Set([...node.jobs, job]) };
    case "completed":
      return { ...node, jobs: without, finished: new Set([...finished, job]) };
    case "released":
      return { ...node, jobs: without };
  }
}

/** Returns possible answers of the script, each with its change. The numbers of heartbeats and the tokens of registrations are ignored. */
function run({ incarnation = "", job = "", op }: Call, node: NodeState | null): readonly (readonly [string, string])[] {
  const isOurs = node?.incarnation === incarnation;
  const none = (reply: string) => [[reply, ""]] as const;
  switch (op) {
    case "reserve_job":
      if (node?.finished.has(job)) return none("finished");
      if (node?.jobs.has(job)) return none("already");
      if (!node?.isOnline) return none("not_online");
      return node.jobs.size >= places ? none("full") : [["reserved", "reserved"]];
    case "complete_job":
      if (node?.jobs.has(job)) return [["completed", "completed"]];
      return none(node?.finished.has(job) ? "completed" : "unknown");
    case "release_job":
      return node?.jobs.has(job) ? [["completed", "released"]] : none("unknown");
    case "register_node": {
      const again = node?.isOnline ? [["already", ""] as const] : [];
      return [["registered", "registered"], ...(isOurs ? [...again, ["superseded", ""] as const] : [])];
    }
    default: {
      if (node === null) return none("unknown_node");
      if (!isOurs) return none("superseded");
      if (op === "offline_node") return node.isOnline ? [["offline", "offline"]] : none("already");
      if (!node.isOnline) return none("not_online");
      return ["renewed", "already", "stale"].flatMap((reply) => [
        [reply, ""] as const,
        ...(reply === "renewed" ? [[reply, "health"] as const] : []),
      ]);
    }
  }
}

/** A change at its place, or a call that saw the node after so many changes. */
type Input = { readonly change: number } | { readonly sees: (changes: number) => boolean };
type Event = Operation<Input, null>;

const feed: SequentialObject<number, Input, null> = {
  initial: 0,
  next(state, input) {
    if ("change" in input) return input.change === state + 1 ? input.change : null;
    return input.sees(state) ? state : null;
  },
  isRead: (input) => "sees" in input,
  covers: (a, b) => a === b,
  hash: (state) => state,
  describe: String,
  say: ({ id }) => String(id),
};

interface Claimed {
  /** By number of the change: within which time a call says that it made it. */
  readonly changes: ReadonlyMap<number, { readonly from: number; readonly to: number }>;
  readonly seen: readonly Event[];
}

export class Oracle {
  readonly #changes: readonly MadeChange[];
  readonly #states: readonly (NodeState | null)[];
  readonly #calls: readonly Call[];
  readonly #world: World;

  constructor(changes: readonly MadeChange[], calls: readonly Call[], world: World) {
    this.#changes = changes;
    this.#calls = calls;
    this.#world = world;
    const states: (NodeState | null)[] = [null];
    for (const change of changes) states.push(after(states.at(-1) ?? null, change));
    this.#states = states;
  }

  get isExplained(): boolean {
    const answered = this.#calls.filter(({ outcome }) => outcome === "ok");
    if (this.#world === "simulated" && !this.#changes.every((change) => this.#mayBeMade(change))) return false;
    return this.#claim(answered, 0, { changes: new Map(), seen: [] });
  }

  /** Every choice of what each reply reports. */
  #claim(answered: readonly Call[], next: number, claimed: Claimed): boolean {
    const call = answered[next];
    if (call === undefined) return this.#assign(1, claimed, new Set());
    const { from, id } = call;
    const to = call.to ?? Number.POSITIVE_INFINITY;
    const sees = (count: number): boolean => this.#isSeen(call, count);
    const seen: Event = { id, input: { sees }, call: from, returned: to, outcome: "ok", output: null };
    if (this.#claim(answered, next + 1, { ...claimed, seen: [...claimed.seen, seen] })) return true;
    for (const [index, change] of this.#changes.entries()) {
      const number = index + 1;
      if (claimed.changes.has(number) || !this.#isMade(call, change, number)) continue;
      const changes = new Map(claimed.changes).set(number, { from, to });
      if (this.#claim(answered, next + 1, { ...claimed, changes })) return true;
    }
    return false;
  }

  #isSeen(call: Call, count: number): boolean {
    const { op, read, reply, version } = call;
    const node = this.#states[count] ?? null;
    if (op === "get_node") {
      const shown = read?.node ?? null;
      if (shown === null) return node === null;
      const isSame = shown.incarnation === node?.incarnation && shown.current_jobs === node.jobs.size;
      return isSame && shown.version.sequence === count && (shown.status === "online") === node.isOnline;
    }
    if (version !== undefined && version.sequence !== count) return false;
    return run(call, node).some(([word, change]) => word === reply && change === "");
  }

  #isMade(call: Call, change: MadeChange, number: number): boolean {
    if (call.version !== undefined && call.version.sequence !== number) return false;
    const isOurs = change.kind !== "registered" || change.incarnation === call.incarnation;
    return isOurs && this.#isFor(call, change, number) && this.#replies(call, number).includes(change.kind);
  }

  /** The changes that its reply may report, made of the node before this one. */
  #replies(call: Call, number: number): readonly string[] {
    return run(call, this.#states[number - 1] ?? null).flatMap(([word, kind]) => (word === call.reply ? [kind] : []));
  }

  #isFor(call: Call, { job, kind }: MadeChange, number: number): boolean {
    if (job !== "") return job === call.job;
    return kind === "registered" || this.#states[number - 1]?.incarnation === call.incarnation;
  }

  #mayBeMade({ at, call }: MadeChange): boolean {
    const maker = this.#calls.find(({ id }) => id === call);
    return maker !== undefined && maker.from <= at && maker.outcome !== "fail";
  }

  /** Every choice of the unanswered calls that made what no reply reports. */
  #assign(number: number, claimed: Claimed, used: ReadonlySet<Call>): boolean {
    const change = this.#changes[number - 1];
    if (change === undefined) return this.#isInOrder(claimed);
    const isFree = claimed.changes.has(number) || this.#world === "simulated" || number <= this.#firstShown;
    if (isFree) return this.#assign(number + 1, claimed, used);
    return this.#calls.some((call) => {
      const asks = run(call, this.#states[number - 1] ?? null).some(([, kind]) => kind === change.kind);
      if (call.outcome !== "info" || used.has(call) || !asks || !this.#isFor(call, change, number)) return false;
      const changes = new Map(claimed.changes).set(number, { from: call.from, to: Number.POSITIVE_INFINITY });
      return this.#assign(number + 1, { ...claimed, changes }, new Set([...used, call]));
    });
  }

  /** Changes up to the first version that a client was shown may have been requested before the history began. */
  get #firstShown(): number {
    const shown = this.#calls.flatMap(({ outcome, version }) =>
      outcome === "ok" && version ? [version.sequence] : [],
    );
    return Math.min(Number.POSITIVE_INFINITY, ...shown);
  }

  #isInOrder({ changes, seen }: Claimed): boolean {
    const made = this.#changes.map(({ at }, index): Event => {
      const { from, to } = changes.get(index + 1) ?? { from: Number.NEGATIVE_INFINITY, to: Number.POSITIVE_INFINITY };
      const call = Math.max(from, this.#world === "simulated" ? at : Number.NEGATIVE_INFINITY);
      const input = { change: index + 1 };
      return { id: -index, input, call, returned: Math.min(to, at), outcome: "ok", output: null };
    });
    return made.every(({ call, returned }) => call <= returned) && explain(feed, [...made, ...seen]) !== null;
  }
}
