/** L1 over random short histories of one node, simulated and recorded, against the oracle. */
import { describe, expect, it } from "vitest";
import type { Change } from "../../../model/partition/command.ts";
import type { Call } from "../../../src/check/history.ts";
import type { Judgement } from "../../../src/check/judgement.ts";
import { judgeLinearizability } from "../../../src/judges/linear/linearizability.ts";
import { judgeRecorded } from "../../../src/judges/recorded/run.ts";
import { seededRandom } from "../../../src/load/plan/seeded-random.ts";
import { incarnationText } from "../../../src/simulate/servers/epoch-text.ts";
import { type SimEvent, simEventKinds } from "../../../src/simulate/trace/events.ts";
import { Record as Recording } from "../../../src/simulate/trace/record.ts";
import { trialOf } from "../../check/trials.ts";
import { inSimulation } from "../../simulate/judges/in-simulation.ts";
import { type Asked, complete, offline, register, release, reserve, Stage } from "../../simulate/judges/stage.ts";
import { type MadeChange, Oracle, type World } from "./oracle.ts";

const histories = 1_000;
const jobs = ["a", "b", "c"];
const replies: Partial<Readonly<Record<Call["op"], readonly string[]>>> = {
  register_node: ["registered", "already", "superseded"],
  heartbeat: ["renewed", "already", "not_online", "superseded", "unknown_node"],
  offline_node: ["offline", "already", "superseded", "unknown_node"],
  reserve_job: ["reserved", "already", "full", "not_online", "finished"],
  complete_job: ["completed", "unknown"],
  release_job: ["completed", "unknown"],
};

type Dice = (limit: number) => number;

function diceOf(seed: number): Dice {
  const random = seededRandom(seed)("history");
  return (limit) => random.nextUint32() % limit;
}

/** A call, and what the store ran for it; null: its request was lost. */
interface Made {
  readonly call: Call;
  readonly asked: Asked | null;
  readonly ranAt: number;
}

/** Begins the epoch. */
const look: Asked = { kind: "changes_since", since: { epoch: 0, sequence: 0 }, limit: 0 };

/** A random history: the requests that the store ran, one after the other, and the answers to clients. */
class Play {
  readonly made: Made[] = [];
  readonly changes: MadeChange[] = [];
  readonly #stage = new Stage(inSimulation(judgeLinearizability));
  readonly #dice: Dice;
  #incarnation = "";
  #seq = 0;

  constructor(dice: Dice) {
    this.#dice = dice;
    this.#stage.run(-100, look);
    this.#do(0, register(), 10);
    for (let index = 1; index <= 3 + dice(4); index += 1) this.#act(index, 10 + 10 * index);
  }

  #act(index: number, at: number): void {
    const job = jobs[this.#dice(jobs.length)] ?? "";
    const acts = [
      ...[() => reserve(job), () => reserve(job), () => complete(job), () => release(job), () => this.#beat()],
      ...[() => reserve(job), () => complete(job), () => register("n", `r${index}`), () => offline(this.#stage)],
    ];
    if (this.#dice(8) === 0) this.#read(index, at);
    else this.#do(index, acts[this.#dice(acts.length)]?.() ?? register(), at);
  }

  #beat(): Asked {
    this.#seq += 1;
    const unknown = null;
    const metrics = {
      cpu: unknown,
      gpu: unknown,
      memory: unknown,
      load: unknown,
      latency_ms: unknown,
      error_rate: unknown,
    };
    const healthMilli = 100 * this.#dice(9);
    const incarnation = this.#stage.incarnation();
    const terms = { ttl: 1_000, lease: 1_000, healthMilli, metrics, running: [] };
    return { kind: "heartbeat", node: "n", incarnation, seq: this.#seq, chunk: 0, ...terms };
  }

  #times(at: number): Pick<Call, "from" | "to"> {
    return { from: at - this.#dice(25), to: at + 4 + this.#dice(25) };
  }

  #read(id: number, at: number): void {
    const read = { found: true, source: "redis", stale: false, age_ms: 0, mode: "normal", node: this.#stage.content() };
    const call: Call = {
      kind: "call",
      id,
      instance: 0,
      op: "get_node",
      node: "n",
      ...this.#times(at),
      outcome: "ok",
      reply: "found",
      read,
    };
    this.made.push({ call, asked: null, ranAt: at });
  }

  #do(id: number, asked: Asked, ranAt: number): void {
    const job = "job" in asked ? asked.job : "";
    const op = asked.kind as Call["op"];
    const about = { kind: "call", id, instance: 0, op, node: "n", job, ...this.#times(ranAt) } as const;
    const before = this.#incarnation;
    const isLost = id > 0 && this.#dice(12) === 0;
    if (isLost) {
      const call: Call = { ...about, incarnation: before, outcome: "info", reply: "deadline" };
      this.made.push({ call, asked: null, ranAt });
      return;
    }
    const { changes, reply } = this.#stage.run(ranAt, asked);
    this.#incarnation = incarnationText(this.#stage.incarnation());
    for (const change of changes) this.changes.push(this.#changeOf(change, id, ranAt));
    const incarnation = op === "register_node" ? this.#incarnation : before;
    const call: Call = { ...about, incarnation, outcome: "ok", reply: reply.kind, version: this.#stage.version() };
    const isUnanswered = id > 0 && this.#dice(8) === 0;
    const open = { outcome: "info", reply: "deadline", version: undefined } as const;
    this.made.push({ call: isUnanswered ? { ...call, ...open } : call, asked, ranAt });
  }

  #changeOf(change: Change, call: number, at: number): MadeChange {
    const job = "job" in change ? change.job : "";
    return { kind: change.kind as MadeChange["kind"], job, incarnation: this.#incarnation, at, call };
  }
}

/** One call of it is another, or hidden: null. */
function spoilt(made: readonly Made[], spoil: (call: Call) => Call | null, dice: Dice): readonly Shown[] {
  const at = dice(made.length);
  return made.map((one, index) => ({ ...one, call: index === at ? spoil(one.call) : one.call }));
}

type Shown = Omit<Made, "call"> & { readonly call: Call | null };

const spoils: readonly ((call: Call, dice: Dice) => Call | null)[] = [
  (call, dice) => {
    const words = replies[call.op] ?? [call.reply];
    return call.outcome === "ok" ? { ...call, reply: words[dice(words.length)] ?? "" } : call;
  },
  ({ version, ...call }, dice) =>
    version === undefined ? call : { ...call, version: { ...version, sequence: version.sequence - 1 + dice(3) } },
  (call, dice) => moved(call, 10 * (1 + dice(6))),
  (call, dice) => moved(call, -Math.min(call.from, 10 * (1 + dice(6)))),
  (call) => (call.op === "get_node" ? call : { ...call, outcome: "fail", reply: "busy", version: undefined }),
  ({ read, ...call }) => {
    if (read?.node == null) return { ...call, incarnation: `${call.incarnation}0` };
    return { ...call, read: { ...read, node: { ...read.node, current_jobs: read.node.current_jobs + 1 } } };
  },
  () => null,
];

function moved(call: Call, by: number): Call {
  return { ...call, from: call.from + by, to: (call.to ?? 0) + by };
}

/** The run as it happened, with what the clients say of it. */
function play(shown: readonly Shown[], stage: Stage): void {
  stage.run(-100, look);
  const steps: { readonly at: number; readonly turn: number; readonly step: () => void }[] = [];
  for (const { asked, call, ranAt } of shown) {
    let request = 0; // of no call
    if (call !== null) {
      const { from: at, id, job = "", op, to } = call;
      const begin = (): void => {
        stage.hear({ kind: "called", at, call: id, instance: 0, op, node: "n", job });
        if (asked !== null && at <= ranAt) request = stage.send(at, asked);
      };
      steps.push({ at, turn: 0, step: begin });
      if (to !== null) steps.push({ at: to, turn: 2, step: () => stage.hear({ kind: "returned", at: to, call }) });
    }
    if (asked !== null) steps.push({ at: ranAt, turn: 1, step: () => stage.run(ranAt, asked, { request }) });
  }
  for (const { step } of steps.sort((a, b) => a.at - b.at || a.turn - b.turn)) step();
  stage.hear({ kind: "truth", at: 999, partition: 0, state: stage.state() });
}

function judged(shown: readonly Shown[], world: World): Judgement {
  if (world === "simulated") {
    const stage = new Stage(inSimulation(judgeLinearizability));
    play(shown, stage);
    return stage.finish();
  }
  const recording = new Recording(1, 1);
  const on = (event: SimEvent): void => recording.on(event);
  const nothing = (): never => {
    throw new Error("nothing is judged while it is recorded");
  };
  play(shown, new Stage(() => ({ listeners: [{ hears: simEventKinds, on }], finish: nothing })));
  const { history, observations } = recording;
  return judgeRecorded(judgeLinearizability, trialOf({ history, observations }));
}

function isExplained(shown: readonly Shown[], changes: readonly MadeChange[], world: World): boolean {
  const calls = shown.flatMap(({ call }) => call ?? []);
  return new Oracle(changes, calls, world).isExplained;
}

describe.each(["simulated", "recorded"] as const)("in a %s run", (world) => {
  it(`L1 agrees with every order of ${histories} histories, right and wrong ones`, () => {
    const count = { right: 0, wrong: 0 };
    for (let seed = 1; seed <= histories; seed += 1) {
      const dice = diceOf(seed);
      const { changes, made } = new Play(dice);
      const kind = spoils[seed % (spoils.length + 2)];
      const shown = kind === undefined ? made : spoilt(made, (call) => kind(call, dice), dice);
      const isRight = isExplained(shown, changes, world);
      const { violations } = judged(shown, world);
      expect({ seed, isRight: violations.length === 0, violations }).toEqual({ seed, isRight, violations });
      count[isRight ? "right" : "wrong"] += 1;
    }
    expect(count.right).toBeGreaterThan(histories / 4);
    expect(count.wrong).toBeGreaterThan(histories / 4);
  });

  it("L1 accuses no reply without a version that some order explains, and finds most that none does", () => {
    let [found, wrong] = [0, 0];
    for (let seed = 1; seed <= histories; seed += 1) {
      const dice = diceOf(seed);
      const { changes, made } = new Play(dice);
      const kind = spoils[seed % spoils.length];
      const bare = made.map((one) => ({ ...one, call: { ...one.call, version: undefined } }));
      const shown = kind === undefined ? bare : spoilt(bare, (call) => kind(call, dice), dice);
      const isRight = isExplained(shown, changes, world);
      const { violations } = judged(shown, world);
      if (isRight) expect({ seed, violations }).toEqual({ seed, violations: [] });
      wrong += isRight ? 0 : 1;
      found += violations.length > 0 ? 1 : 0;
    }
    expect(found / wrong).toBeGreaterThan(0.8);
  });
});
