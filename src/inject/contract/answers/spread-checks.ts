/** Claims about TTLs that are drawn: evenly, from all of what `ttlSpread` allows, each by itself. */
import type { Comparisons } from "../comparisons.ts";
import type { InstanceCheck } from "../instance/check.ts";
import { failed, replyWith } from "../instance/scripted-store.ts";
import type { MakeStage, Stage } from "../instance/stage.ts";

/** So many draws that each quarter of the range has at least one, but for a chance of 10^-7. */
const draws = 60;
const parts = 4;
/** Share of the range. An old L2 is found with the next pulse, and counts from the poll before the store fell silent. */
const slack = 0.05;
const beat = { incarnation: "a:1", metrics: {}, running: [] };

/** Compares draws with `base`, give or take `spread` of it: all are within, and each quarter of that range has some. */
function compareDraws(
  compare: Comparisons,
  what: string,
  found: readonly number[],
  [base, spread]: readonly [number, number],
) {
  const shares = found.map((draw) => (draw / base - 1 + spread) / (2 * spread));
  const outside = found.filter((_, index) => Math.abs((shares[index] ?? 0) - 0.5) > 0.5 + slack);
  const met = new Set(shares.map((share) => Math.min(parts - 1, Math.max(0, Math.floor(share * parts)))));
  compare.same(
    `${what}: draws, those outside, quarters of the range`,
    [found.length, outside, met.size],
    [draws, [], parts],
  );
}

/** How long an instance in `normal` trusts what it holds, where the store has answered nothing since. */
async function trusted(stage: Stage, silent: "changesSince" | "checkConfig"): Promise<number> {
  const { clock, store } = stage;
  store.scripts[silent] = replyWith(failed("denied"));
  const from = clock.now();
  while (stage.mode === "normal" && clock.now() < from + 5_000) await clock.advance(10);
  return clock.now() - from;
}

/** Each draw is of a load of its own: between two the instance is degraded, and comes back. */
async function trustedOften(makeStage: MakeStage, silent: "changesSince" | "checkConfig"): Promise<readonly number[]> {
  const stage = makeStage({
    ...{ l1Ttl: 500, missTtl: 500, l2Ttl: 1_000, ttlSpread: 0.4 },
    pollInterval: 30,
    pulseInterval: 15,
  });
  const { clock, store } = stage;
  await stage.start();
  const found: number[] = [];
  while (found.length < draws) {
    found.push(await trusted(stage, silent));
    store.scripts = {};
    await clock.until(back(stage), 5_000);
  }
  return found;
}

/** Resolves in the moment in which the instance is in `normal` again. */
async function back(stage: Stage): Promise<void> {
  for (let steps = 0; steps < 1_000 && stage.mode !== "normal"; steps += 1) await stage.clock.sleep(5);
}

export const spreadChecks: readonly InstanceCheck[] = [
  {
    id: "ttls-spread",
    property: "C1",
    claim:
      "each heartbeat's TTL, each pause between sweeps and each TTL of L2 is drawn evenly from all that ttlSpread allows",
    async perform(makeStage, compare) {
      const stage = makeStage({ heartbeatTtl: 10_000, ttlSpread: 0.2, sweepInterval: 1_000 });
      const { clock, scheduler, store } = stage;
      await stage.start();
      for (let seq = 1; seq <= draws; seq += 1) {
        await clock.until(scheduler.heartbeat({ node: "n", seq, ...beat }));
      }
      const ttls = store.requests("heartbeat").map(({ ttl }) => Number(ttl));
      compareDraws(compare, "a node's TTL", ttls, [10_000, 0.2]);
      store.asked = [];
      await clock.advance(1_000 * (draws + 20));
      const sweeps = store.asked.filter(({ call }) => call === "sweep").map(({ at }) => at);
      const pauses = sweeps.slice(1).map((at, index) => at - (sweeps[index] ?? 0) - 1);
      compareDraws(compare, "between sweeps", pauses.slice(0, draws), [1_000, 0.2]);
      for (const silent of ["changesSince", "checkConfig"] as const)
        compareDraws(compare, `L2, by ${silent}`, await trustedOften(makeStage, silent), [1_000, 0.4]);
    },
  },
];
