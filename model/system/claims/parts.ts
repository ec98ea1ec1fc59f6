/** The parts from which the claims of the `system` model are made. */
import { propertiesOf } from "../../language/machine.ts";
import type { Rules } from "../rules/rules.ts";
import type { Bounds } from "../scope.ts";
import type { Domains, SystemSchema } from "../state.ts";
import { StorePredicates } from "./store.ts";
import { ViewPredicates } from "./views.ts";

export type ClaimParts = ReturnType<typeof claimPartsOf>;

export function claimPartsOf(schema: SystemSchema, domains: Domains, bounds: Bounds, { store, view, lineage }: Rules) {
  return {
    ...propertiesOf(schema),
    domains,
    bounds,
    stored: new StorePredicates(domains, bounds, store),
    views: new ViewPredicates(domains, view, lineage),
  };
}
