/** The registry of properties: what each claims, and what must have happened for the claim to mean anything. docs/properties.md is printed from it. */

export interface PropertyText {
  readonly claim: string;
  /** The condition to be met for the property to count as exercised; the count in a report is how often it was. */
  readonly premise: string;
}

export const properties = {
  J1: {
    claim: "current_jobs is never negative and always equals the number of live reservations",
    premise: "a step could change a node's jobs",
  },
  J2: { claim: "a reserve never takes a node past its capacity", premise: "a reserve met a node that was full" },
  J3: {
    claim:
      "reserve, complete and release are idempotent under retries, lost replies and late delivery; a finished job is remembered as the settings say",
    premise: "a job operation ran again after its reply was lost",
  },
  J4: {
    claim: "no reservation leaks: when every job has ended or lapsed, current_jobs is 0",
    premise: "all jobs of a node that had some have ended or lapsed",
  },
  J5: {
    claim:
      "a place gets the lease that was asked for, lasts as long as promised, and outlives its lease by no more than a sweep; heartbeats renew the leases of the jobs that they name, shorten none, and learn which have no place",
    premise:
      "a job outlived its first lease by acknowledged heartbeats, or a lease ended or had to, and all leases were looked at in the end",
  },
  V1: {
    claim: "sequences grow by one within an epoch; an epoch never comes back, and no instance goes back to one",
    premise: "a change took a version, and an epoch began",
  },
  V2: {
    claim: "a cache shows only what the store once held, whole, and never goes back",
    premise: "an answer from a cache was compared with what the store had held",
  },
  V3: {
    claim:
      "once faults heal and writes stop, within the bound every instance is in normal and its view has the store's version and content",
    premise: "an instance's view was compared with the store after a fault healed",
  },
  V4: {
    claim: "a gap in the feed is noticed and repaired within the bound",
    premise: "an instance missed at least one change",
  },
  N1: {
    claim:
      "an older heartbeat, or one of a former incarnation, never overwrites a newer state; a registration ends the incarnation that it was to replace, and no other",
    premise: "an older heartbeat or one of a former incarnation arrived",
  },
  N2: {
    claim: "a caught-up instance in normal never selects a node gone for longer than the staleness bound",
    premise: "a selection happened after a node went offline or expired",
  },
  N3: {
    claim: "a node that registers is visible within the bound, despite a miss mark",
    premise: "a node registered after a lookup had missed it",
  },
  N4: {
    claim:
      "no node that keeps sending heartbeats expires or loses jobs because the store was away, its clock jumped or another server took over; a node lasts as the settings say, after a heartbeat and once it has gone",
    premise: "a node that sent heartbeats was past its time when the store came back",
  },
  O1: {
    claim:
      "every loss of jobs reaches the callback of at least one instance; one that follows the feed calls back once for each loss, with exactly these jobs, and for nothing else; dispatchedHere names those that it dispatched there",
    premise: "an instance followed a change by which jobs lost their places",
  },
  S1: {
    claim:
      "a selection returns only nodes that are online, suit the request, have room and are in the pools of the request or of the configuration in force; none twice, and no more than asked for; a dispatch asks no others",
    premise: "a selection returned a node",
  },
  S2: {
    claim:
      "no answer leaves out a node that the instance has to know: a lookup finds it, and a selection with room for more shows it if it is eligible",
    premise: "an answer had to contain a node",
  },
  S3: {
    claim:
      "candidates come by pool, and of a pool each is the better of two that are drawn, by health and load; equals come in a random order, and instances together give no node more than its share",
    premise: "a choice was made among nodes of several pools, among candidates that are all known, or among equals",
  },
  S4: {
    claim:
      "every instance has the stored configuration in force, within the bound while undisturbed and once faults heal and writes stop; what was never stored never is",
    premise: "an instance's configuration was compared with a stored one",
  },
  H1: {
    claim:
      "the stored health score is the documented function of the metrics; an impossible metric costs that metric, not the heartbeat",
    premise: "a stored heartbeat was compared with the metrics that its node reported",
  },
  P1: {
    claim: "pool members are followed incrementally: no full reload without an epoch change or a trimmed feed",
    premise: "members of a pool changed while an instance followed it",
  },
  D1: {
    claim: "every read returns within 50 ms, whatever Redis does, and waits for nothing but Redis",
    premise: "a read was made during a fault",
  },
  D2: { claim: "degradation is in force within 50 ms of the fault", premise: "a fault cut an instance off from Redis" },
  D3: {
    claim: "the mode returns to normal within the bound after healing, and does not flap",
    premise: "a fault that had degraded an instance healed",
  },
  D4: {
    claim: "an acknowledged write is not lost by the scheduler; what Redis lost in a failover is named",
    premise: "a failover or a loss of data happened after an acknowledged write",
  },
  D5: {
    claim:
      "an instance leaves normal only under a fault, answers at once while degraded, is local_only exactly when what it holds is too old, and comes back after its probes and dwell, and no later; source, age_ms, stale and mode of every answer are true",
    premise: "a degraded instance was asked, became local_only, or came back to normal",
  },
  D6: {
    claim:
      "writes stop at a late or failed write, a failed read or a second miss in a row, and at nothing less; until a probe is answered they then fail at once with applied no, and are not sent; in every mode, what is applied no never happens, and what is applied unknown was sent",
    premise: "a client asked a degraded instance for a write",
  },
  L1: {
    claim: "operations on a node, and on the configuration, as clients saw them, are linearizable",
    premise: "a history with overlapping operations was judged",
  },
  F1: {
    claim: "the feed delivers every change once, in order, from any version it accepts to resume from",
    premise: "changes were read from the feed",
  },
  C1: {
    claim: "expiry is spread: entries written at once cause no burst of Redis work above the bound",
    premise: "many entries written at once came due",
  },
  C2: {
    claim: "lookups of a missing node cost at most one Redis request per miss TTL and instance",
    premise: "a missing node was looked up repeatedly",
  },
  K1: {
    claim: "every script touches only declared keys, all in one slot, all under the prefix",
    premise: "a script's commands were watched on a real Redis",
  },
  K2: {
    claim: "every script is safe to run twice, and one that fails leaves no half of a change",
    premise: "a script was run a second time with the same arguments",
  },
  K3: {
    claim: "every Redis operation ends by its deadline, and a client's write by those of its calls",
    premise: "a Redis operation was in flight during a fault",
  },
  K4: {
    claim: "no lock on the scheduling path: no mutex, no blocking or lock-like Redis command, no await in selection",
    premise: "the source was searched and a loaded run was watched",
  },
  K7: {
    claim:
      "every script answers and changes exactly what the protocol says; what it does not allow is refused, by a script before anything is read, by an instance before anything is sent, and nothing else is",
    premise:
      "a script's answer and all keys were compared with the model, or an instance was called with an argument at its limit",
  },
  K5: {
    claim:
      "client calls in flight stay within maxCalls, cached answers within maxEntries, and nothing is kept of ended calls; no load keeps an instance from following; no call holds the server for longer than 2 ms, at the documented sizes",
    premise:
      "a client's call was refused because too many were in flight, or the server counted how long the largest calls took",
  },
  K6: {
    claim:
      "close drains, sends nothing more and leaves no timer or connection; later answers are errors or marked stale",
    premise: "an instance was closed with a client's call in flight, or asked afterwards",
  },
  S5: {
    claim:
      "a dispatch places its job where an eligible node has room and attempts are left; it asks a node again only to settle a reserve, and before any other; it keeps to its lease, to an abort and to the writes that it may make",
    premise: "a dispatch asked a node for a place",
  },
  M1: {
    claim:
      "the counters equal what happened: an instance's events, its answers by source, and its calls by operation and outcome",
    premise: "a counter was compared with what it counts",
  },
  B1: { claim: "heartbeat P99 < 5 ms", premise: "a healthy load was measured" },
  B2: {
    claim: "selection P99 < 50 ms, healthy and under every fault",
    premise: "selections were measured, healthy and under faults",
  },
  B3: { claim: "cold start is bounded", premise: "a cold start was measured" },
} as const satisfies Record<string, PropertyText>;

export type PropertyId = keyof typeof properties;

export const propertyIds = Object.keys(properties) as readonly PropertyId[];
