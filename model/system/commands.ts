/** Calls of the store in the `system` model, as commands of the protocol: names, tokens, deadlines. */
import type { Call, Command, Instant, Version } from "../partition/command.ts";
import type { Bounds } from "./scope.ts";

/** A call, without the arguments that are the same in all of them. */
export type Ask =
  | { readonly kind: "register"; readonly n: number; readonly life: number; readonly expected: Version | null }
  | { readonly kind: "heartbeat"; readonly n: number; readonly incarnation: Version; readonly seq: number }
  | { readonly kind: "reserve" | "complete"; readonly n: number; readonly j: number }
  /** The sweep finds that the time of this node is up, or the lease of this job. */
  | { readonly kind: "expire"; readonly n: number }
  /** With a clock: a heartbeat that is next in order and names all jobs, and a sweep of all nodes. */
  | { readonly kind: "beat"; readonly n: number; readonly incarnation: Version }
  | { readonly kind: "sweep" }
  | { readonly kind: "lapse"; readonly n: number; readonly j: number }
  | { readonly kind: "changes"; readonly since: Version }
  | { readonly kind: "snapshot"; readonly nodes: readonly number[] };

const now: Instant = 1000;
const past: Instant = now - 1;
const future: Instant = now + 1000;

const sweeping = { retention: 1000, limit: 100, jobLimit: 1000, gap: 1000, grace: 0, offset: 0 };

/** A tick, and how many may pass between two sweeps that have watched all deadlines. Nodes send a heartbeat in each tick. */
export const clock = { tick: 10, gap: 1 };

/** The instant so many ticks from now. */
export function ticksFrom(ticks: number): Instant {
  return now + ticks * clock.tick;
}

/** The ticks that are left until an instant: none where it is past. */
export function ticksTo(at: Instant): number {
  return Math.max(0, (at - now) / clock.tick);
}

export const deadlines = {
  ofNode: (ask: Ask | null, n: number): Instant => (ask?.kind === "expire" && ask.n === n ? past : future),
  ofLease: (ask: Ask | null, n: number, j: number): Instant =>
    ask?.kind === "lapse" && ask.n === n && ask.j === j ? past : future,
};

export const metrics = { cpu: 0, gpu: 0, memory: 0, load: 0, latency_ms: 0, error_rate: 0 };

export const nameOf = (n: number): string => `node-${n}`;
export const jobName = (j: number): string => `job-${j}`;
export const token = (life: number): string => `life-${life}`;

type CommandBounds = Pick<Bounds, "capacity" | "feedEntries" | "ttl" | "nodes" | "jobs">;

function clockCommand(
  ask: Extract<Ask, { readonly kind: "beat" | "sweep" }>,
  call: Call,
  { ttl, nodes, jobs }: CommandBounds,
): Command {
  const lasting = ttl * clock.tick;
  if (ask.kind === "beat") {
    const running = Array.from({ length: jobs }, (_, j) => jobName(j));
    const news = { seq: 0, chunk: 0, ttl: lasting, lease: lasting, healthMilli: 500, metrics, running };
    return { ...call, kind: "heartbeat", node: nameOf(ask.n), incarnation: ask.incarnation, ...news };
  }
  const candidates = Array.from({ length: nodes }, (_, n) => nameOf(n));
  const held = { gap: clock.gap * clock.tick, grace: lasting };
  return { ...call, ...sweeping, ...held, kind: "sweep", retention: lasting, candidates };
}

/** The incarnation that has this token. */
export function incarnationOf(lives: readonly number[], registration: string): number {
  return lives.find((life) => token(life) === registration) ?? 0;
}

/** Equal for equal calls only. */
export function keyOfAsk(ask: Ask): string {
  switch (ask.kind) {
    case "register":
      return `register ${ask.n} ${ask.life} ${ask.expected?.epoch ?? ""} ${ask.expected?.sequence ?? ""}`;
    case "heartbeat":
      return `heartbeat ${ask.n} ${ask.incarnation.epoch} ${ask.incarnation.sequence} ${ask.seq}`;
    case "expire":
      return `expire ${ask.n}`;
    case "beat":
      return `beat ${ask.n} ${ask.incarnation.epoch} ${ask.incarnation.sequence}`;
    case "sweep":
      return "sweep";
    case "changes":
      return `changes ${ask.since.epoch} ${ask.since.sequence}`;
    case "snapshot":
      return `snapshot ${ask.nodes.join(",")}`;
    default:
      return `${ask.kind} ${ask.n} ${ask.j}`;
  }
}

export function commandOf(ask: Ask, bounds: CommandBounds): Command {
  const call = { at: now, partitions: 1, feedMax: bounds.feedEntries };
  const lasting = bounds.ttl > 0 ? bounds.ttl * clock.tick : 1000;
  switch (ask.kind) {
    case "register": {
      const life = {
        registration: token(ask.life),
        expected: ask.expected,
        maxJobs: bounds.capacity,
        ttl: lasting,
        pools: [],
        languages: [],
        services: [],
      };
      return { ...call, kind: "register_node", node: nameOf(ask.n), ...life };
    }
    case "heartbeat": {
      const { incarnation, seq } = ask;
      const news = { ttl: lasting, lease: lasting, healthMilli: 500, metrics, running: [] };
      return { ...call, kind: "heartbeat", node: nameOf(ask.n), incarnation, seq, chunk: 0, ...news };
    }
    case "reserve":
      return { ...call, kind: "reserve_job", node: nameOf(ask.n), job: jobName(ask.j), lease: lasting, seen: 0 };
    case "complete":
      return { ...call, kind: "complete_job", node: nameOf(ask.n), job: jobName(ask.j), doneFor: 5000, doneMax: 100 };
    case "expire":
    case "lapse":
      // Time is left out, and with it the time in which a deadline counts for nothing, since no sweep could act on it.
      return { ...call, ...sweeping, kind: "sweep", candidates: [nameOf(ask.n)] };
    case "beat":
    case "sweep":
      return clockCommand(ask, call, bounds);
    case "changes":
      return { ...call, kind: "changes_since", since: ask.since, limit: 1 };
    case "snapshot":
      return { ...call, kind: "snapshot", records: ask.nodes.map(nameOf), after: "", limit: 0 };
  }
}
