import { describe, expect, it } from "vitest";
import { emptyPartition, step } from "../../../model/partition/partition.ts";
import { Bus, type Heard } from "../../../src/simulate/trace/bus.ts";
import type { SimEvent } from "../../../src/simulate/trace/events.ts";

const call = { at: 1, partitions: 1, feedMax: 10 };
const poll = { kind: "changes_since", since: { epoch: 0, sequence: 0 }, limit: 10 } as const;
const release = { kind: "release_job", node: "n", job: "j" } as const;
const begun = step(emptyPartition, { ...call, ...poll }).state;

function sent(asked: typeof poll | typeof release): SimEvent {
  const question = { kind: "nodes", partition: 0, asked } as const;
  return { kind: "sent", at: 0, instance: 0, request: 1, script: asked.kind, partition: 0, question, deadline: 25 };
}

function stepped(asked: typeof poll | typeof release, before = begun): SimEvent {
  const command = { ...call, ...asked };
  const { changes, reply, state: after } = step(before, command);
  const where = { server: 1, instance: 0, request: 1, partition: 0 };
  return { kind: "stepped", at: 0, ...where, command, before, after, reply, changes };
}

function settled(script: "changes_since" | "check_config" | "release_job"): SimEvent {
  const call = { instance: 0, request: 1, script, partition: 0, from: 0, deadline: 25 };
  return { kind: "settled", at: 0, ...call, outcome: "answered" };
}

/** How many of the events have a listener. */
function heard(hears: Heard, ...events: readonly SimEvent[]): number {
  let count = 0;
  const bus = new Bus([], [{ hears: [hears], on: () => (count += 1) }]);
  for (const event of events) bus.emit(event);
  return count;
}

describe("who hears what", () => {
  const all = [sent(poll), sent(release), stepped(poll), stepped(release), settled("check_config")];

  it("a kind: all of it", () => {
    expect(heard("sent", ...all)).toBe(2);
    expect(heard("stepped", ...all)).toBe(2);
    expect(heard("settled", ...all)).toBe(1);
  });

  it("polls, or all but polls: one of the two, each", () => {
    for (const kind of ["sent", "stepped"] as const) {
      expect(heard(`${kind}.polls`, ...all)).toBe(1);
      expect(heard(`${kind}.but_polls`, ...all)).toBe(1);
    }
    expect(heard("settled.polls", settled("changes_since"), settled("check_config"))).toBe(2);
    expect(heard("settled.but_polls", settled("changes_since"), settled("release_job"))).toBe(1);
  });

  it("a poll in which an epoch began is not a poll like others", () => {
    const first = stepped(poll, emptyPartition);
    expect(heard("stepped.polls", first)).toBe(0);
    expect(heard("stepped.but_polls", first)).toBe(1);
  });

  it("what an instance says of itself, by kind or all", () => {
    const what = { kind: "feed_connected", at: 3 } as const;
    const said: SimEvent = { kind: "scheduler", at: 0, instance: 0, what };
    expect(heard("scheduler", said)).toBe(1);
    expect(heard("scheduler.feed_connected", said)).toBe(1);
    expect(heard("scheduler.ready", said)).toBe(0);
  });

  it("each event in the order in which the listeners were handed in, and only the first so many", () => {
    const order: string[] = [];
    const ear = (name: string, hears: Heard) => ({ hears: [hears], on: () => order.push(name) });
    const trace = { on: () => order.push("trace") };
    const bus = new Bus([trace], [ear("a", "sent.polls"), ear("b", "sent"), ear("c", "sent.polls")], 1);
    bus.emit(sent(poll));
    bus.emit(sent(poll));
    expect(order).toEqual(["trace", "a", "b", "c", "trace"]);
  });
});
