/**
 * The whole protocol in a small scope: a store that loses data and fails over, nodes with several incarnations, jobs and their clients,
 * instances that follow the feed, and between them a network that delays, reorders, repeats and loses.
 *
 * Read state.ts, actions.ts and claims/claims.ts: what there is, what may happen and when, what is claimed. How the store works is in
 * model/partition: the same `step` that `conform` compares with Lua. How a view works is in rules/view.ts. docs/model.md has the reasons.
 *
 * Time is left out: a node's time, or a lease, may be up at any moment, and an answer may take for ever. An instance that is disconnected,
 * whatever its mode, is one that waits for its fetches. So what is claimed with a bound elsewhere is claimed here as `eventually`.
 */
import type { Model } from "../language/machine.ts";
import { systemActions } from "./actions.ts";
import { claimsOf } from "./claims/claims.ts";
import { claimPartsOf } from "./claims/parts.ts";
import { mutantOf, mutants } from "./mutants/mutants.ts";
import { normalFormOf } from "./normal-form.ts";
import { rulesOf } from "./rules/rules.ts";
import { scope, scopes } from "./scope.ts";
import { domainsOf, type State, schemaOf } from "./state.ts";

export const system: Model<typeof scope> = {
  name: "system",
  scope,
  scopes,
  mutants: Object.fromEntries(Object.entries(mutants).map(([id, { means }]) => [id, means])),

  build(bounds, id) {
    const mutant = id === null ? undefined : mutantOf(id);
    const domains = domainsOf(bounds);
    const schema = schemaOf(domains, bounds);
    const rules = rulesOf(domains, bounds, mutant?.replaces);
    const { judged, notJudged } = claimsOf(claimPartsOf(schema, domains, bounds, rules));
    return {
      schema,

      initial(state: State) {
        const none = domains.Version.of({ epoch: 0, sequence: 0 });
        state.store.meta = domains.unwritten;
        state.replica.meta = domains.unwritten;
        for (const i of domains.instances.all) state.instance.get(i).version = none;
      },

      normal: bounds.normalForm === 1 ? normalFormOf(domains, bounds, mutant?.reads ?? []) : undefined,
      actions: systemActions({ schema, domains, bounds, rules }),
      properties: judged,
      notJudged,
    };
  },
};
