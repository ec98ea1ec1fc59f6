/** `lockproof/scenario`: what a scenario of one's own declares, as the default export of a file in the folder that `--scenarios` names. Types only. */
export type { Declaration as Scenario } from "./declare.ts";
