import { describe, expect, it } from "vitest";
import { encodeToken } from "../../../src/evidence/token.ts";
import type { SimulateReplay } from "../../../src/simulate/run/replay.ts";
import { layer, property } from "../../report/sample.ts";
import { command, conformToken, jsonLines } from "../terminal.ts";

const token = encodeToken({ subject: "redis-gone", seed: 7, layer: "simulate", options: { declaration: "0" } });

describe.each(["--point-of-no-return", "--doom"])("replay %s", (flag) => {
  it("searches for at most a minute, and prints the result after the run", async () => {
    const asked: unknown[] = [];
    const layers = {
      replaySimulate: async (options: { readonly pointOfNoReturn?: { readonly takes: number } }) => {
        asked.push(options.pointOfNoReturn);
        return replayed;
      },
    };
    const { code, out } = await command(["replay", token, flag], { layers });
    expect(asked).toEqual([{ takes: 60_000 }]);
    expect(out).toMatch(/trace abc\n {2}V3 fails inevitably from 0\.250 s on/);
    expect(code).toBe(0);
    const [line] = jsonLines((await command(["replay", token, flag, "--json"], { layers })).out);
    const found = { property: "V3", since: 250 };
    expect(line).toMatchObject({ seed: 7, point_of_no_return: found, doom: found });
    await command(["replay", token], { layers });
    expect(asked.at(-1)).toBeUndefined();
  });

  it("with a token of another layer is wrong usage", async () => {
    const { code, err } = await command(["replay", conformToken, flag]);
    expect(code).toBe(64);
    expect(err).toMatch(/--point-of-no-return with a token of layer conform; allowed: simulate/);
  });
});

it("the former name --doom is neither in the help nor among the flags that a message names", async () => {
  const help = await command(["replay", "--help"]);
  const misuse = await command(["replay", "--dom"]);
  expect(help.out).toContain("--point-of-no-return");
  expect(misuse.err).toContain("--point-of-no-return");
  expect(help.out + misuse.err).not.toContain("--doom");
});

const replayed: SimulateReplay = {
  evidence: {
    ...layer("simulate", { properties: [property("V3", { exercised: 9 })] }),
    json: { events_per_second: 1, times_real: 1 },
  },
  line: {
    ...{ scenario: "redis-gone", seed: 7, verdict: "held", trace_hash: "abc", events: 12, virtual_ms: 1, wall_ms: 1 },
    token,
  },
  ...{ log: [], trace: [] },
  pointOfNoReturn: {
    property: "V3",
    found: { shares: [], since: 250, open: 240, isSettled: true },
    lines: ["V3 fails inevitably from 0.250 s on, and did not yet at 0.240 s"],
  },
};
