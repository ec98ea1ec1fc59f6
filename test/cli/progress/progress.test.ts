import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createOutput } from "../../../src/cli/printing/output.ts";
import { ProgressBoard } from "../../../src/cli/progress/board.ts";
import { Forecast } from "../../../src/cli/progress/forecast.ts";
import { layerText, timeText } from "../../../src/cli/progress/line.ts";
import type { GateStep } from "../../../src/verify/gate.ts";
import { layer } from "../../report/sample.ts";
import { stream } from "../terminal.ts";

function step(of: GateStep["layer"], name: string, parts: Partial<GateStep> = {}): GateStep {
  return { layer: of, name, run: async () => layer(of), ...parts };
}

const named = (of: GateStep["layer"], count: number) =>
  Array.from({ length: count }, (_, index) => step(of, `${of} ${index}`));
/** As many steps as a quick round has. */
const steps = [
  step("explore", "explore system", { isBeside: true }),
  ...named("conform", 2),
  ...named("simulate", 40),
  ...named("inject", 9),
  ...named("bench", 1),
];
/** ms of each step on two quiet cores. */
const quiet = { explore: 12_000, conform: 8_000, simulate: 1_150, inject: 10_000, bench: 21_000 } as const;

describe("a forecast", () => {
  it("is right within a quarter after half of a quick run, on a slow machine too", () => {
    const noise = fc.double({ min: 0.85, max: 1.15, noNaN: true });
    fc.assert(
      fc.property(
        fc.double({ min: 0.9, max: 2.5, noNaN: true }),
        fc.array(noise, { minLength: 60 }),
        (slow, noises) => {
          const alone = steps.filter(({ isBeside }) => isBeside !== true);
          const times = alone.map((one, at) => quiet[one.layer as keyof typeof quiet] * slow * (noises[at] ?? 1));
          const whole = times.reduce((sum, time) => sum + time, 0);
          const forecast = new Forecast({ rounds: 1, steps }, "quick");
          let now = 0;
          for (const [at, one] of alone.entries()) {
            forecast.begun(one, now);
            const ends = now + (times[at] ?? 0);
            if (ends >= whole / 2) {
              const left = whole / 2;
              expect(Math.abs(forecast.left(whole / 2) - left) / left).toBeLessThan(0.25);
              return;
            }
            now = ends;
            forecast.ended(one, now);
          }
          throw new Error("the half was never reached");
        },
      ),
    );
  });

  it("never grows while a step goes on, and is 0 at the end", () => {
    const only = step("inject", "inject redis-gone");
    const forecast = new Forecast({ rounds: 1, steps: [only] }, "quick");
    expect(forecast.left(0)).toBeGreaterThan(60_000);
    forecast.begun(only, 0);
    expect(forecast.left(30_000)).toBeLessThan(forecast.left(10_000));
    forecast.ended(only, 70_000);
    expect(forecast.left(70_000)).toBe(0);
  });

  it("counts once what no seed changes, and has no end without a last round", () => {
    const [one] = named("inject", 1);
    const of = (rounds: number, once: boolean) =>
      new Forecast({ rounds, steps: one === undefined ? [] : [once ? { ...one, once: true } : one] }, "quick").left(0);
    expect(of(5, true)).toBe(of(1, true));
    expect(of(5, false)).toBe(5 * of(1, false));
    expect(of(Number.POSITIVE_INFINITY, false)).toBe(Number.POSITIVE_INFINITY);
  });
});

describe("the texts of progress", () => {
  it("have a bar that is full only at the end", () => {
    const at = (ended: number) => layerText({ layer: "inject", ended, steps: 12 });
    expect(at(0)).toBe("inject    [------------]   0/12");
    expect(at(7)).toBe("inject    [#######-----]   7/12");
    expect(at(12)).toBe("inject    [############]  12/12");
  });

  it.each([
    [400, "0 s"],
    [59_000, "59 s"],
    [85_000, "1 min 20 s"],
    [3_700_000, "1 h 1 min"],
  ])("%d ms are %s", (time, text) => expect(timeText(time)).toBe(text));
});

interface Shown {
  readonly columns?: number;
  readonly env?: Readonly<Record<string, string>>;
  readonly tty?: boolean;
}

/** Returns the text that a run of two layers writes to its terminal. */
function shown({ columns = 80, env = {}, tty = true }: Shown = {}): string {
  const written: string[] = [];
  const recorded = { isTTY: tty, columns, write: (text: string) => written.push(text) };
  const output = createOutput(stream(tty), recorded, env);
  let now = 0;
  using board = new ProgressBoard({ output, now: () => now, profile: "quick", budget: 180_000 });
  const plan = [...named("conform", 2), ...named("inject", 1)];
  board.detail("canary");
  board.begin({ rounds: 1, steps: plan });
  for (const one of plan) {
    board.stepBegun(one);
    now += 9_000;
    board.detail(`a detail of ${one.name} that is longer than any terminal of eighty columns is wide`);
    board.stepEnded(one, "held");
  }
  output.note("the end");
  return written.join("");
}

/** The lines that stay when each carriage return begins its line anew. */
const staying = (text: string) => text.split("\n").map((line) => line.split("\u001b[2K").at(-1));

describe("the board", () => {
  it.each([80, 200])("has one line a layer that stays, and none wider than %d columns", (columns) => {
    const text = shown({ columns });
    expect(staying(text)).toEqual([
      "conform   [############]    2/2  held",
      "inject    [############]    1/1  held",
      "the end",
      "",
    ]);
    const live = text.split("\r\u001b[2K").flatMap((part) => part.split("\n").slice(0, 1));
    expect(Math.max(...live.map((line) => line.length))).toBe(Math.min(columns - 1, 156));
    expect(text).toMatch(/\[######------\] {4}1\/2 {3,4}\d+ % of 3 min 0 s, about 1 min \d+ s left {2}a d/);
  });

  it.each<readonly [string, Shown]>([
    ["in a pipe", { tty: false }],
    ["with CI=true", { env: { CI: "true" } }],
    ["with TERM=dumb", { env: { TERM: "dumb" } }],
  ])("shows nothing %s", (_, parts) => {
    expect(shown(parts)).toBe("the end\n");
  });
});
