import { describe, expect, it } from "vitest";
import { scriptMutants } from "../../scenarios/mutants/scripts/registry.ts";
import { type ConformEvidence, type ConformOptions, runConform } from "../../src/conform/run.ts";
import { decodeToken } from "../../src/evidence/token.ts";

const { signal } = new AbortController();
const conform = (options: Partial<ConformOptions> & { seed: number; runs: number }): Promise<ConformEvidence> =>
  runConform({ signal, now: () => performance.now(), ...options });
const concurrently = (options: Partial<ConformOptions> & { seed: number; runs: number }): Promise<ConformEvidence> =>
  conform({ ...options, concurrent: true });

describe("our scripts under several clients at once", () => {
  it("do what the model says, whatever overtakes what; and everything that can happen on the way did happen", async () => {
    const { verdict, json, properties } = await concurrently({ seed: 3, runs: 300 });
    expect(verdict).toBe("held");
    expect(json.commands).toBeGreaterThanOrEqual(5_000);
    for (const { id, exercised } of properties) expect([id, exercised > 10]).toEqual([id, true]);
    const traffic = Object.entries(json.traffic ?? {});
    expect(traffic.length).toBe(19);
    for (const [what, often] of traffic) expect([what, often > 10]).toEqual([what, true]);
  });

  it("that met too little on the way are said to be not exercised, and what it was that they did not meet", async () => {
    const { verdict, reason } = await concurrently({ seed: 3, runs: 1 });
    expect(verdict).toBe("not_exercised");
    expect(reason).toMatch(/^never met in 1 runs of conform: .*sweeps_by_client_0/u);
  });

  it("replay as held from the token of a batch", async () => {
    const batch = await concurrently({ seed: 4, runs: 40 });
    const token = decodeToken(batch.json.token);
    const again = await conform({ seed: 4, runs: token.runs ?? 0, concurrent: token.options?.["concurrent"] === true });
    expect(again.json.trace_hash).toBe(batch.json.trace_hash);
  });
});

const onlyInterleaved = scriptMutants.filter(({ style }) => style === "concurrent");

describe("a planted bug that only an interleaving shows", () => {
  it("is no rarity", () => expect(onlyInterleaved.length).toBeGreaterThanOrEqual(5));

  it.each(onlyInterleaved)("$id is missed by one call after another", { tags: ["nightly"] }, async ({ id }) => {
    expect((await conform({ seed: 1, runs: 60, mutant: id })).violations).toEqual([]);
  });
});
