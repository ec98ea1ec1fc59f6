import { describe, expect, it } from "vitest";
import { system } from "../../../model/system/system.ts";
import { modelMutants } from "../../../scenarios/mutants/model.ts";
import { refute } from "../../../src/explore/properties/liveness.ts";
import { type Alone, explore, machineOf } from "../../explore/alone.ts";

type Numbers = Readonly<Record<string, number>>;

/** One of everything, and one fault. */
const tiny: Numbers = { jobs: 1, incarnations: 1, heartbeats: 0, feedEntries: 2, sequences: 3 };

function lassosOf({ graph, reference }: Alone): readonly string[] {
  return reference.machine.properties.flatMap((property) =>
    property.kind === "eventually" && refute(graph, reference.machine, property) !== null ? [property.claim] : [],
  );
}

describe("the protocol holds in every interleaving", () => {
  it.each([
    ["of one of everything", tiny, { unique: 7634, generated: 28_315, depth: 20 }],
    ["of two jobs", { ...tiny, jobs: 2 }, { unique: 24_646, generated: 98_529, depth: 22 }],
    [
      "of two instances, without faults",
      { ...tiny, instances: 2, faults: 0, sequences: 2 },
      { unique: 18_584, generated: 81_188, depth: 20 },
    ],
    [
      "of two nodes, without faults",
      { ...tiny, nodes: 2, faults: 0, sequences: 2 },
      { unique: 5391, generated: 17_531, depth: 16 },
    ],
    [
      "of two lives and their heartbeats, without faults",
      { ...tiny, incarnations: 2, heartbeats: 1, faults: 0 },
      { unique: 14_167, generated: 48_593, depth: 22 },
    ],
    [
      "of two jobs, whose calls arrive as one group",
      { ...tiny, jobs: 2, faults: 0, lostAnswers: 1, repeats: 1, groups: 1 },
      { unique: 39_093, generated: 164_672, depth: 22 },
    ],
  ] as const)("%s", (_what, scope, counts) => {
    const found = explore(machineOf(system, scope));
    const { unique, generated, depth, stop, crash } = found;
    expect({ unique, generated, depth, stop, crash }).toEqual({ ...counts, stop: 0, crash: undefined });
    expect([...found.violated.keys()]).toEqual([]);
    expect(lassosOf(found)).toEqual([]);
  });
});

describe("names that are alike", () => {
  it.each([
    ["instances", { ...tiny, instances: 2, faults: 0, sequences: 2, liveness: 0 }],
    ["nodes", { ...tiny, nodes: 2, faults: 0, sequences: 2, liveness: 0 }],
    ["jobs", { ...tiny, jobs: 2, liveness: 0 }],
    ["jobs, in normal form", { ...tiny, jobs: 2, liveness: 0, normalForm: 1 }],
  ] as const)(
    "are counted once with symmetry: the same depth and verdict in fewer states, with two %s",
    (_what, scope) => {
      const every = explore(machineOf(system, scope));
      const one = explore(machineOf(system, scope), { isSymmetric: true });
      expect([one.depth, one.violated.size, one.crash]).toEqual([every.depth, every.violated.size, undefined]);
      expect(one.unique).toBeLessThan(every.unique);
      expect(one.unique).toBeGreaterThanOrEqual(every.unique / 2);
    },
  );

  it.each([
    ["a server that restarts", { lostServers: 1 }, 71_673, 11_311],
    ["an answer lost and a delivery repeated", { lostAnswers: 1, repeats: 1 }, 71_423, 12_420],
  ] as const)(
    "are counted once, and all said is the same, with two of everything and %s",
    (_what, faults, all, few) => {
      const scope = {
        ...system.scopes?.["standard"]?.bounds,
        sequences: 2,
        laterSequences: 1,
        lostAnswers: 0,
        repeats: 0,
        lostServers: 0,
        ...faults,
      };
      const every = explore(machineOf(system, scope));
      const one = explore(machineOf(system, scope), { isSymmetric: true });
      expect([every.unique, one.unique]).toEqual([all, few]);
      expect([one.depth, one.violated.size, one.crash]).toEqual([every.depth, 0, undefined]);
      const isMet = ({ tallies }: Alone) => tallies.map(({ exercised }) => exercised > 0);
      expect(isMet(one)).toEqual(isMet(every));
    },
  );

  it("give a counterexample of the same length with symmetry", () => {
    const mutant = modelMutants.find(({ id }) => id === "capacity-in-cache");
    const scope = { ...mutant?.scope, liveness: 0 };
    const [steps] = explore(machineOf(system, scope, "capacity-in-cache"), { isSymmetric: true }).violated.values();
    expect(steps).toHaveLength(mutant?.steps ?? -1);
  });
});

describe("a scope", () => {
  it("says by name which claims it leaves out, and why", () => {
    const notJudged = machineOf(system, { ...tiny, liveness: 0 })().notJudged ?? [];
    expect(notJudged.map(({ id }) => id)).toEqual([
      "J2",
      "J3",
      "D4",
      "N1",
      "N1",
      "D4",
      "D4",
      "N4",
      "N4",
      "V3",
      "V3",
      "V4",
      "N3",
      "J4",
    ]);
    expect(notJudged.map(({ reason }) => reason)).toContain(
      "liveness is judged where T=1, nothing is forgotten (Z=0), and there is no clock (Y=0)",
    );
    const { properties } = machineOf(system, { ...tiny, liveness: 0 })();
    const faults = { lostAnswers: 1, repeats: 1, lostServers: 1, epochs: 3, replicas: 1, formerPrimaries: 1 };
    const all = machineOf(system, faults)();
    const clocked = machineOf(system, { ...faults, ttl: 3 })();
    // Liveness is judged without a clock, or by it.
    expect(all.notJudged?.map(({ id }) => id)).toEqual(["J3", "N4", "N4"]);
    expect(clocked.notJudged?.map(({ id }) => id)).toEqual(["J3", "V3", "V3", "V4", "N3", "J4"]);
    expect(properties.length + notJudged.length).toBe(all.properties.length + 3);
  });

  it("leaves out the claims with a premise that it cannot meet", () => {
    const idsIn = (scope: Numbers) => new Set(machineOf(system, scope)().properties.map(({ id }) => id));
    const all = ["D4", "F1", "J1", "J2", "J3", "J4", "N1", "N2", "N3", "P1", "V1", "V2", "V3", "V4"];
    expect([...idsIn({})].sort()).toEqual(all);
    expect([...idsIn(tiny)].sort()).toEqual(all.filter((id) => id !== "J2" && id !== "N1"));
    expect([...idsIn({ liveness: 0 })].sort()).toEqual(all.filter((id) => !["N3", "V3", "V4"].includes(id)));
  });
});
