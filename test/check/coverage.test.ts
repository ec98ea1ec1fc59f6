import { describe, expect, it } from "vitest";
import type { HistoryEvent } from "../../src/check/history.ts";
import { Coverage } from "../../src/check/observed/coverage.ts";
import type { Observation } from "../../src/check/observed/observation.ts";
import { call, dump, entry, faultFrom, gone, phase, registered, seenAt, trialOf, view } from "./trials.ts";

const at = (sequence: number, epoch = "e1") => ({ epoch, sequence });
const of = (observations: readonly Observation[], history: readonly HistoryEvent[] = []) =>
  new Coverage(trialOf({ history, observations }));
const whole = [entry(1, registered()), entry(2, gone("offline")), seenAt(100, dump(2, []))];
const restart = (from: number, until: number, parts = {}) =>
  faultFrom(from, until, { name: "redis_restart", instance: null, link: "server", ...parts });
const next = seenAt(700, entry(1, registered("n1", "e2:1"), "e2"));

describe("the standing of a version", () => {
  it.each([
    ["that was seen", at(2), 1, 5, "held"],
    ["that no store has", at(1.5), 1, 5, "never"],
    ["that is below all", at(-1), 1, 5, "never"],
    ["beyond what a later look showed", at(3), 1, 99, "never"],
    ["of an unobserved epoch", at(1, "made-up"), 1, 99, "never"],
    ["that was reported after the last look", at(3), 1, 101, "unseen"],
    ["of another epoch, after the last look", at(1, "e2"), 1, 101, "unseen"],
  ] as const)("%s", (_, version, since, until, expected) => {
    expect(of(whole).standing(version, since, until)).toBe(expected);
  });

  it("is open at the end of an epoch, as long as it may have gone on", () => {
    const seen = of([...whole, next], restart(200, 600));
    expect(seen.standing(at(3), 150, 160)).toBe("unseen");
    expect(seen.standing(at(3), 90, 99)).toBe("never");
    // The server was gone by then.
    expect(seen.standing(at(3), 201, 220)).toBe("never");
    expect(of([...whole, next]).standing(at(3), 201, 220)).toBe("unseen");
    expect(of([...whole, next]).standing(at(3), 701, 720)).toBe("never");
  });

  it("of an unobserved epoch is open where two servers came and went between two looks", () => {
    const hidden = at(1, "hidden");
    expect(of([...whole, next], restart(200, 600)).standing(hidden, 300, 400)).toBe("never");
    const twice = [...restart(200, 300), ...restart(400, 500, { fault: 1 })];
    expect(of([...whole, next], twice).standing(hidden, 300, 400)).toBe("unseen");
    expect(of([...whole, next], twice).standing(hidden, 10, 20)).toBe("never");
    expect(of([...whole, next], restart(200, 600, { name: "redis_failover" })).standing(hidden, 300, 400)).toBe(
      "unseen",
    );
    const looks = [150, 200, 250, 300, 350, 400, 450, 500, 550, 600, 650].map(
      (time) => ({ kind: "observer_read", at: time, took: 1, partition: 0 }) as const,
    );
    expect(of([...whole, next], [...twice, ...looks]).standing(hidden, 300, 400)).toBe("never");
    const elsewhere = looks.map((look) => ({ ...look, partition: 1 }));
    expect(of([...whole, next], [...twice, ...elsewhere]).standing(hidden, 300, 400)).toBe("unseen");
  });

  it("is open where entries were overlooked, or a partition was not looked at at all", () => {
    const overlooked = { kind: "overlooked", at: 1, partition: 0, epoch: "e1", from: 2, to: 2 } as const;
    expect(of(whole, [overlooked]).standing(at(1, "e9"), 1, 5)).toBe("unseen");
    const other = { ...view(3, 1), views: [null, at(1, "e9")] };
    expect(of(whole, [other]).standing(at(1, "e9"), 1, 5)).toBe("unseen");
  });
});

describe("what was not seen of the store", () => {
  it("is nothing where the feed was read to its end, and looked at after the load", () => {
    expect(of(whole, [phase("quiet", 90)]).unseen).toBeNull();
    expect(of([seenAt(1, dump(7, [])), entry(8, gone("offline"))]).unseen).toBeNull();
  });

  it("is what is missing between two entries, or was reported after the last look", () => {
    expect(of([entry(1, registered()), entry(4, gone("offline"))]).unseen).toMatchObject({ unseen: 2, of: 4 });
    const reported = call({ op: "offline_node", from: 101, to: 102, version: at(3) });
    expect(of(whole, [reported, { ...reported, version: at(4) }]).unseen).toMatchObject({ unseen: 2, of: 4 });
  });

  it("is the time after the last look, where nothing else tells", () => {
    expect(of(whole, [phase("quiet", 400)]).unseen).toEqual({ unseen: 300, of: 400, what: "milliseconds of the load" });
  });
});
