// cspell:ignore lifd
import { describe, expect, it } from "vitest";
import type { Layers } from "../../../src/verify/layers.ts";
import { command } from "../terminal.ts";

describe.each(["reproduce", "lift"])("%s", (name) => {
  type Properties = Awaited<ReturnType<Layers["reproduce"]>>["properties"];
  const real = { property: "V4", real: "instance 0 was without change 21" } as const;
  it.each<readonly [string, Properties, number, RegExp]>([
    ["nothing is broken", [], 2, /nothing to reproduce/],
    ["nothing was found", [{ kind: "not_found", seeds: 23, ...real }], 2, /not found: 23 seeds kept V4/],
    [
      "it is not simulated",
      [{ kind: "not_simulated", reason: "no speed", ...real }],
      2,
      /not judged in simulation: no speed/,
    ],
    [
      "it was reproduced",
      [
        {
          ...{ kind: "lifted", token: "lp1:x", seed: 4, faultTimes: "near", story: ["seen"], faults: 1, actions: 3 },
          ...{ isSettled: true, ...real },
        },
      ],
      1,
      /from seed 4, faults as near; left of it: 1 fault, 3 actions\n {6}replay: .*lp1:x/,
    ],
  ])("says so where %s", async (_what, properties, code, text) => {
    const layers: Partial<Layers> = {
      reproduce: async () => ({ scenario: "subscriber-deaf", side: "fault", seeds: 23, seconds: 1, properties }),
    };
    const ended = await command([name, "package.json", "--seed", "1"], { layers });
    expect([ended.code, ended.out]).toEqual([code, expect.stringMatching(text)]);
  });
});

describe("the former name lift", () => {
  it("prints what reproduce prints", async () => {
    const words = ["package.json", "--seed", "1"];
    const former = await command(["lift", ...words]);
    expect(former.out).toContain("lockproof reproduce package.json");
    expect(former).toEqual(await command(["reproduce", ...words]));
    const help = await command(["lift", "--help"]);
    expect(help.out).toContain("lockproof reproduce");
    expect(help).toEqual(await command(["reproduce", "--help"]));
  });

  it("is neither in the help nor among the commands that a message names", async () => {
    const help = await command(["--help"]);
    const misuse = await command(["lifd", "package.json"]);
    expect(help.out + misuse.err).toContain("reproduce");
    expect(help.out + misuse.err).not.toContain("lift");
  });
});
