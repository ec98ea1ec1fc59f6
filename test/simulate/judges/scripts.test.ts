import { describe, expect, it } from "vitest";
import { seededRandom } from "../../../src/load/plan/seeded-random.ts";
import { judgeExpirySpread } from "../../../src/simulate/judges/expiry-spread.ts";
import { type Asked, register, Stage } from "./stage.ts";

describe("C1", () => {
  const many = 120;

  function wave(expiredAt: (index: number) => number): Stage {
    const stage = new Stage(judgeExpirySpread, { settings: { heartbeatTtl: 1_000, l1Ttl: 1_000, missTtl: 100 } });
    const names = Array.from({ length: many }, (_, index) => `n${index}`);
    for (const [index, node] of names.entries()) stage.run(index / 10, { ...register(node), ttl: 788 } as Asked);
    for (const [index, node] of names.entries()) {
      stage.read(index / 10, stage.content(node));
      const place = { kind: "settled", at: 0, instance: 0, request: 1, script: "changes_since", partition: 0 } as const;
      stage.hear({ ...place, from: 800 + (400 * index) / many, deadline: 30, outcome: "answered" });
    }
    // Somebody still reads when the last of them is due to be refreshed.
    stage.read(1_300, stage.content("n0"));
    for (const [index, node] of names.entries()) {
      const candidates = [{ node, pools: ["pool-a"], languages: [{ source: "en", target: "de" }] }];
      stage.run(expiredAt(index), { kind: "sweep", retention: 1_000_000, limit: 10, candidates });
    }
    return stage;
  }

  it("holds where what was written at once comes due over the whole of the jitter", () => {
    const stage = wave((index) => 801 + (410 * index) / many);
    expect(stage.finish()).toMatchObject({ verdict: "held" });
  });

  it("is violated where it comes due at once", () => {
    const stage = wave(() => 1_100);
    expect(stage.finish().violations[0]?.[0]).toMatch(/nodes expired within .* times the mean, allowed 2 times/);
  });

  describe("of choices among equals", () => {
    /** Nodes that differ by less than a band, or as `healths` says; and so many selections of all of them. */
    function chosen(
      selections: number,
      firstOf: (turn: number) => string,
      healths: readonly number[] = [500, 510, 549],
      isReversed: (turn: number) => boolean = () => false,
    ) {
      const stage = new Stage(judgeExpirySpread);
      const nodes = healths.map((health_milli, index) => {
        stage.run(1, register(`n${index}`, `r${index}`));
        return { ...stage.content(`n${index}`), health_milli };
      });
      for (let turn = 0; turn < selections; turn += 1) {
        const name = firstOf(turn);
        const first = nodes.find(({ node }) => node === name);
        const others = nodes.filter((one) => one !== first);
        if (isReversed(turn)) others.reverse();
        stage.select(turn, first === undefined ? others : [first, ...others], "normal", turn % 2);
      }
      return stage.finish().violations.map(([story]) => story);
    }
    const random = seededRandom(7)("choices");
    const drawn = () => `n${Math.floor((random.nextUint32() / 2 ** 32) * 3)}`;

    it("holds where the first is drawn each time, however often", () => expect(chosen(3_000, drawn)).toEqual([]));

    it("is violated where it is always the same, for all or for each instance", () => {
      expect(chosen(100, () => "n1")).toEqual([
        expect.stringMatching(/^instance 0 chose the node it had chosen before \d+ times of \d+ among equals/),
        expect.stringMatching(/^instance 1 chose/),
        expect.stringMatching(/^an instance chose the node that another had chosen/),
      ]);
      expect(chosen(100, (turn) => `n${turn % 2}`)).toEqual([
        expect.stringMatching(/^instance 0/),
        expect.stringMatching(/^instance 1/),
      ]);
    });

    it("is violated where only the first is always the same", () => {
      const told = chosen(
        200,
        () => "n1",
        [500, 510, 549],
        (turn) => turn % 4 < 2,
      );
      expect(told).toContainEqual(expect.stringMatching(/^an instance chose the node that another had chosen/));
    });

    it("is violated where each instance draws, and all draw the same", () => {
      let last = "n0";
      const pairs = (turn: number) => {
        if (turn % 2 === 0) last = drawn();
        return last;
      };
      expect(chosen(400, pairs)).toEqual([
        expect.stringMatching(/^an instance chose the node that another had chosen/),
      ]);
    });

    it("says nothing of few, nor of a node that is better than the others", () => {
      expect(chosen(18, () => "n1")).toEqual([]);
      expect(chosen(1_000, () => "n1", [500, 560, 500])).toEqual([]);
    });
  });

  it("is not exercised by few", () => {
    const stage = new Stage(judgeExpirySpread);
    stage.run(1, register());
    expect(stage.finish()).toMatchObject({ verdict: "not_exercised" });
  });
});
