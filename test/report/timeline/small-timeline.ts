/** A run of three lanes: a message is lost, one is late, and a node exceeds its capacity. */
import type { Timeline } from "../../../src/evidence/timeline.ts";
import { sampleToken } from "../sample.ts";

export const smallTimeline: Timeline = {
  title: "by hand",
  property: "J2",
  claim: "never more than one job",
  found: "2 jobs, allowed 1",
  lanes: [
    { id: "a", name: "client a", kind: "client" },
    { id: "n", name: "network", kind: "network" },
    { id: "s", name: "store", kind: "store" },
    { id: "i", name: "instance 0", kind: "instance" },
  ],
  before: [
    { lane: "s", lines: ["0 of 1 jobs"] },
    { lane: "i", lines: ["node 0: 0 jobs", "up to 1:1"] },
  ],
  events: [
    { lane: "a", kind: "call", at: 0, words: "reserves job 0", holds: [] },
    { lane: "a", kind: "call", at: 1, words: "reserves job 1", holds: [] },
    { lane: "s", kind: "step", at: 2.25, words: "takes job 1", holds: [{ lane: "s", lines: ["1 of 1 jobs"] }] },
    { lane: "n", kind: "fault", at: 3, words: "loses the wake-up", holds: [] },
    { lane: "s", kind: "step", at: 4, words: "takes job 0", holds: [{ lane: "s", lines: ["2 of 1 jobs"] }] },
  ],
  messages: [
    { sent: 0, from: "a", ended: 4, to: "s", words: "reserve job 0", fate: "late" },
    { sent: 1, from: "a", ended: 2, to: "s", words: "reserve job 1", fate: "arrived" },
    { sent: 2, from: "s", ended: 2, to: "a", words: "reserved", fate: "arrived" },
    { sent: 2, from: "s", ended: 3, to: "i", words: "wake-up", fate: "lost" },
    { sent: 4, from: "s", ended: 4, to: "a", words: "reserved", fate: "lost" },
    { sent: 4, from: "s", ended: null, to: "i", words: "wake-up", fate: "on_its_way" },
  ],
  spans: [{ lane: "a", kind: "call", from: 0, to: 2, words: "reserve" }],
  loop: null,
  broken: 4,
  pointOfNoReturn: { kind: "inevitable", after: 2, why: "job 0 has to arrive" },
  omitted: null,
  token: sampleToken,
};
