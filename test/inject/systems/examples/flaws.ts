/** Flaws of the examples, chosen by `--flaw`, and the shortest scenario in which their clients see each. */
import type { PropertyId } from "../../../../src/check/properties.ts";

export interface Flaw {
  readonly name: string;
  readonly does: string;
  readonly property: PropertyId;
  readonly scenario: string;
}

export const flaws: readonly Flaw[] = [
  {
    name: "check-then-act",
    does: "reads the number of jobs, and reserves by a second call that does not look at it",
    property: "J2",
    scenario: "redis-slow",
  },
  {
    name: "capacity-from-cache",
    does: "compares the capacity with the instance's own view alone",
    property: "J2",
    scenario: "redis-slow",
  },
  {
    name: "counted-twice",
    does: "counts down once more where a complete is repeated",
    property: "J2",
    scenario: "redis-slow",
  },
  {
    name: "release-keeps-place",
    does: "answers a release without freeing the place",
    property: "J4",
    scenario: "redis-slow",
  },
  {
    name: "retry-new-id",
    does: "repeats a reserve without an answer under another job id",
    property: "J4",
    scenario: "redis-slow",
  },
  { name: "full-on-timeout", does: "answers `full` where a reserve fails", property: "J4", scenario: "redis-slow" },
  {
    name: "assume-reserved",
    does: "answers `reserved` where a reserve fails",
    property: "D4",
    scenario: "redis-slow",
  },
  {
    name: "lease-not-renewed",
    does: "ignores the running jobs of a heartbeat",
    property: "D4",
    scenario: "long-outage",
  },
  {
    name: "own-clock",
    does: "lets nodes expire by the heartbeats and the clock of one instance",
    property: "N4",
    scenario: "node-churn",
  },
  {
    name: "old-incarnation",
    does: "takes heartbeats of any incarnation",
    property: "N1",
    scenario: "node-churn",
  },
  {
    name: "goodbye-unheard",
    does: "misses that a node went offline, and goes on selecting it",
    property: "N2",
    scenario: "steady",
  },
  {
    name: "never-degrades",
    does: "stays in `normal` while Redis does not answer",
    property: "D2",
    scenario: "feed-trimmed",
  },
  { name: "writes-on", does: "sends writes while Redis is away", property: "D6", scenario: "redis-gone" },
  { name: "always-normal", does: "names `normal` as the mode of each answer", property: "D5", scenario: "redis-gone" },
];
