/**
 * Which judge decides which property while a run goes on, and which properties no simulation can decide. Every property is in one of the two:
 * what has no judge here is named, never held.
 */
import type { PropertyId } from "../../check/properties.ts";
import type { MakeJudge } from "./judge.ts";

/** How fast the machine is, and what a real Redis is sent: virtual time shows neither. */
export const notJudgedHere: Partial<Readonly<Record<PropertyId, string>>> = {
  B1: "virtual time shows no speed",
  B2: "virtual time shows no speed",
  B3: "virtual time shows no speed",
  K7: "no script runs here: the store is the model",
  K1: "no script runs here: the store is the model",
  K4: "the search for locks looks at the code and at a real Redis",
};

export const onlineJudges: Partial<Readonly<Record<PropertyId, MakeJudge>>> = {};
