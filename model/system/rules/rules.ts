/** The rules of the `system` model, by the part of the system that obeys them. A mutant replaces some of them. */
import { step } from "../../partition/partition.ts";
import type { Bounds } from "../scope.ts";
import type { Domains } from "../state.ts";
import { ModelStore, type PartitionRule } from "../store.ts";
import { StoreCalls } from "./calls.ts";
import { Clients } from "./clients.ts";
import { Clock } from "./clock.ts";
import { Epochs } from "./epochs.ts";
import { Faults } from "./faults.ts";
import { Following } from "./following.ts";
import { EpochHistory } from "./lineage.ts";
import { Servers } from "./servers.ts";
import { View } from "./view.ts";

/** The rules that a mutant may replace. */
export interface RuleSet {
  /** The store's rule: what a call does to a partition. */
  readonly step: PartitionRule;
  readonly Epochs: typeof Epochs;
  readonly View: typeof View;
  readonly StoreCalls: typeof StoreCalls;
  readonly Following: typeof Following;
  readonly Clients: typeof Clients;
}

export interface Rules {
  readonly store: ModelStore;
  readonly view: View;
  readonly lineage: EpochHistory;
  readonly calls: StoreCalls;
  readonly following: Following;
  readonly clients: Clients;
  readonly servers: Servers;
  readonly clock: Clock;
  readonly faults: Faults;
}

const right: RuleSet = { step, Epochs, View, StoreCalls, Following, Clients };

/** @param replaced the mutant's own rules */
export function rulesOf(domains: Domains, bounds: Bounds, replaced: Partial<RuleSet> = {}): Rules {
  const rules = { ...right, ...replaced };
  const store = new ModelStore(domains, bounds, rules.step);
  const view = new rules.View(domains, new rules.Epochs(domains));
  const lineage = new EpochHistory(domains);
  const calls = new rules.StoreCalls(domains, store, view, lineage);
  const { feedEntries, sequences } = bounds;
  return {
    ...{ store, view, lineage, calls },
    following: new rules.Following({ domains, feedEntries, sequences, store, calls, view, lineage }),
    clients: new rules.Clients(domains, bounds, calls),
    servers: new Servers(domains, bounds, calls),
    clock: new Clock(domains, bounds, calls),
    faults: new Faults(bounds, calls),
  };
}
