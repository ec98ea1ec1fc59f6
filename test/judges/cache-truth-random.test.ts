/** V2 over random short histories, simulated and recorded, against the oracle. */
import { expect, it } from "vitest";
import type { Partition } from "../../model/partition/partition.ts";
import type { NodeContent } from "../../src/check/history.ts";
import type { Observation, ObservedChange } from "../../src/check/observed/observation.ts";
import { judgeCacheTruth } from "../../src/judges/answers/cache-truth.ts";
import { judgeRecorded } from "../../src/judges/recorded/run.ts";
import { seededRandom } from "../../src/load/plan/seeded-random.ts";
import { read, trialOf } from "../check/trials.ts";
import { inSimulation } from "../simulate/judges/in-simulation.ts";
import { register, release, reserve, Stage } from "../simulate/judges/stage.ts";
import { type Item, isExplained } from "./cache-truth-oracle.ts";

/** The node that changes; or another server takes over with what the current one had so many acts ago. The acts happen at 10, 20, … */
type Act = string | number;

const nodes = ["n", "m"];
const look = { kind: "changes_since", since: { epoch: 1, sequence: 0 }, limit: 0 } as const;

function diceOf(seed: number): (limit: number) => number {
  const random = seededRandom(seed)("history");
  return (limit) => random.nextUint32() % limit;
}

class Play {
  readonly epochs: { readonly epoch: string; readonly begun: number; readonly states: Map<string, NodeContent>[] }[] =
    [];
  readonly observations: Observation[] = [];
  /** When the store came to each place. */
  readonly moments: { readonly at: number; readonly epoch: number; readonly sequence: number }[] = [];
  readonly #stage: Stage;
  readonly #past: Partition[] = [];
  #server = 1;

  constructor(stage: Stage) {
    this.#stage = stage;
  }

  act(at: number, act: Act): void {
    if (typeof act === "number") this.#takeOver(at, act);
    else this.#change(at, act);
    this.#past.push(this.#stage.state(this.#server));
  }

  #takeOver(at: number, behind: number): void {
    const from = this.#past.at(-1 - behind);
    if (from === undefined) return;
    this.#server += 1;
    this.#stage.promote(at, this.#server, from);
    const held = [...this.#contents().values()].map((content) => ({
      content,
      jobs: jobsOf(content),
      heartbeat_seq: -1,
    }));
    const left = this.#stage.version(this.#server);
    this.observations.push({ kind: "dump", partition: 0, at, version: null, left, nodes: held });
    this.#stage.run(at, look, { server: this.#server });
    const { epoch } = this.#stage.version(this.#server);
    this.epochs.push({ epoch, begun: at, states: [this.#contents()] });
    this.moments.push({ at, epoch: this.epochs.length - 1, sequence: 0 });
    this.observations.push({ kind: "dump", partition: 0, at, version: { epoch, sequence: 0 }, nodes: held });
  }

  #change(at: number, node: string): void {
    const before = this.#contents().get(node);
    const asked =
      before === undefined ? register(node) : before.current_jobs > 0 ? release("a", node) : reserve("a", node);
    this.#stage.run(at, asked, { server: this.#server });
    const after = this.#contents().get(node);
    if (after === undefined) throw new Error(`no node ${node}`);
    const { epoch } = after.version;
    if (this.epochs.at(-1)?.epoch !== epoch) this.epochs.push({ epoch, begun: at, states: [new Map()] });
    this.epochs.at(-1)?.states.push(this.#contents());
    this.moments.push({ at, epoch: this.epochs.length - 1, sequence: after.version.sequence });
    const kind = asked.kind === "reserve_job" ? "reserved" : "released";
    const { status: _, version: __, current_jobs, ...fields } = after;
    const change: ObservedChange =
      asked.kind === "register_node" ? { kind: "registered", ...fields } : { kind, node, job: "a", current_jobs };
    this.observations.push({ kind: "entry", partition: 0, at, ...after.version, change });
  }

  #contents(): Map<string, NodeContent> {
    const held = nodes.filter((node) => this.#stage.state(this.#server).nodes.has(node));
    return new Map(held.map((node) => [node, this.#stage.content(node, this.#server)]));
  }
}

function jobsOf({ current_jobs }: NodeContent): readonly string[] {
  return current_jobs > 0 ? ["a"] : [];
}

/** Every epoch is followed as soon as it has begun. Answers are of what the store had by then, mostly lately; some are of nothing that it ever had. */
function itemsOf({ epochs, moments }: Play, below: (limit: number) => number, until: number): readonly Item[] {
  const items = Array.from({ length: 6 }, (): Item | null => {
    const to = 11 + below(until - 11);
    const known = moments.filter(({ at }) => at < to);
    const moment = known[Math.max(0, known.length - 1 - below(5))];
    if (moment === undefined) return null;
    const { epoch, sequence } = moment;
    if (below(4) === 0) return { from: to, to, content: null, view: [epoch, sequence] };
    const shown = [...(epochs[epoch]?.states[sequence]?.values() ?? [])];
    const content = shown[below(shown.length)];
    if (content === undefined) return null;
    const other = { ...content, current_jobs: 1 - content.current_jobs };
    return { from: to - below(15), to, content: below(20) === 0 ? other : content };
  });
  const followed = epochs.map(
    ({ begun }, epoch): Item => ({ from: begun, to: begun, content: null, view: [epoch, 0] }),
  );
  return [...followed, ...items.filter((item) => item !== null)].sort((a, b) => a.to - b.to);
}

function historyOf(seed: number) {
  const below = diceOf(seed);
  const random = (): Act => (below(4) === 0 ? below(3) : (nodes[below(2)] ?? "n"));
  const acts: readonly Act[] = [...nodes, ...Array.from({ length: 6 }, random)];
  const played = new Play(new Stage(inSimulation(judgeCacheTruth)));
  for (const [index, act] of acts.entries()) played.act(10 * (index + 1), act);
  return { acts, played, items: itemsOf(played, below, 10 * acts.length + 5) };
}

type History = ReturnType<typeof historyOf>;

function versionOf({ played }: History, [epoch, sequence]: readonly [number, number]) {
  return { epoch: played.epochs[epoch]?.epoch ?? "", sequence };
}

/** Ten times as slow, so that no two times are the same to within the grain of a timer. */
function recorded(history: History) {
  const events = history.items.map(({ content, from, to, view }) =>
    view === undefined
      ? read(10 * from, 10 * to, { node: content?.node, read: { ...answered, node: content } })
      : ({ kind: "view", at: 10 * to, instance: 0, views: [versionOf(history, view)] } as const),
  );
  const observations = history.played.observations.map((one) => ({ ...one, at: 10 * one.at }));
  return judgeRecorded(judgeCacheTruth, trialOf({ history: events, observations }));
}

function simulated(history: History) {
  const stage = new Stage(inSimulation(judgeCacheTruth));
  const played = new Play(stage);
  let next = 0;
  const tell = (until: number): void => {
    for (let item = history.items[next]; item !== undefined && item.to < until; item = history.items[next]) {
      next += 1;
      const { content, from, to, view } = item;
      if (view === undefined) stage.read(from, content, { ...answered, to });
      else stage.view(to, versionOf(history, view));
    }
  };
  for (const [index, act] of history.acts.entries()) {
    tell(10 * (index + 1));
    played.act(10 * (index + 1), act);
  }
  tell(Number.POSITIVE_INFINITY);
  return stage.finish();
}

const answered = { found: true, source: "l2", stale: true, age_ms: 1_000, mode: "normal" } as const;

it("V2 is decided as by trying every order, in both worlds", () => {
  const counts = { explained: 0, unexplained: 0 };
  for (let seed = 1; seed <= 1_000; seed += 1) {
    const history = historyOf(seed);
    const explained = isExplained(history.played.epochs, history.items);
    counts[explained ? "explained" : "unexplained"] += 1;
    for (const judged of [recorded(history), simulated(history)])
      expect([seed, judged.verdict === "violated", judged.violations[0]]).toEqual([
        seed,
        !explained,
        explained ? undefined : expect.anything(),
      ]);
  }
  expect(Math.min(counts.explained, counts.unexplained)).toBeGreaterThan(150);
});
