/** Which properties no simulation can decide, and why: each is named in the result, never held. All others have a judge in src/judges/registry.ts. */
import type { PropertyId } from "../../check/properties.ts";

/** How fast the machine is, and what a real Redis is sent: virtual time shows neither. */
export const notJudgedHere: Partial<Readonly<Record<PropertyId, string>>> = {
  B1: "virtual time shows no speed",
  B2: "virtual time shows no speed",
  B3: "virtual time shows no speed",
  K1: "no script runs here: the store is the model",
  K4: "the search for locks looks at the code and at a real Redis",
};
