/**
 * The scopes of the system model that are too large to be explored in each test run. What they came to is kept as `lockproof explore --json` printed it, with the processor time that it took;
 * system.test.ts pins small relatives of theirs, which change with the model: then these are to be explored again.
 */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { Model } from "../../../model/language/machine.ts";
import { system } from "../../../model/system/system.ts";
import { numberText } from "../../../src/evidence/words.ts";
import { chooseScope, shortScope } from "../../../src/explore/scope.ts";

interface Kept {
  readonly model: string;
  readonly scope: Readonly<Record<string, number>>;
  readonly symmetry: "on" | "off";
  readonly unique_states: number;
  readonly generated_states: number;
  readonly depth: number;
  /** CPU time of all threads, as the shell's `time` reported it: the wall-clock time was longer, since the machine was shared. */
  readonly processor_seconds: number;
  readonly states_mib: number;
  readonly threads: number;
  readonly verdict: string;
  readonly mutant: string | null;
  readonly not_judged: readonly { readonly property: string }[];
}

const kept = JSON.parse(readFileSync(new URL("./system-scopes.json", import.meta.url), "utf8")) as Readonly<
  Record<string, Kept>
>;
const page = readFileSync(new URL("../../../docs/model.md", import.meta.url), "utf8");
const whole = system as unknown as Model;

describe("what was counted in the larger scopes of the system model", () => {
  it("is there for every scope that no test explores", () => {
    expect(Object.keys(kept).sort()).toEqual(["full", "standard"]);
  });

  it.each(["standard", "full"])("%s: held, in the scope that the model has now, as the page says", (name) => {
    const { scope, symmetry, verdict, mutant, unique_states, generated_states, depth } = kept[name] ?? ({} as Kept);
    const chosen = chooseScope(whole, name);
    expect({ scope, symmetry }).toEqual({
      scope: shortScope(whole, chosen.scope),
      symmetry: chosen.isSymmetric ? "on" : "off",
    });
    expect({ verdict, mutant }).toEqual({ verdict: "held", mutant: null });
    for (const figure of [unique_states, generated_states, depth]) expect(page).toContain(numberText(figure));
  });

  it("is given by the bounds that the page lists, each with its short form, range and standard value", () => {
    for (const [name, { short, least, most, standard }] of Object.entries(system.scope)) {
      const cells = [name, short, `${least}–${most}`, String(standard)];
      expect(page.split("\n").map((line) => line.split(/ {2,}/u))).toContainEqual(cells);
    }
  });

  it("is what the full scope promises: two of everything, and every kind of fault once, in 15 minutes of processor time and 8 GiB", () => {
    const { scope, processor_seconds, states_mib, threads, not_judged } = kept["full"] ?? ({} as Kept);
    expect(scope).toMatchObject({ N: 2, J: 2, C: 2, E: 2, A: 1, D: 1, G: 1, M: 2 });
    expect(processor_seconds).toBeLessThan(15 * 60);
    expect(states_mib).toBeLessThan(8 * 1024);
    expect(threads).toBeLessThanOrEqual(2);
    expect([...new Set(not_judged.map(({ property }) => property))].sort()).toEqual(["J4", "N1", "N3", "V3", "V4"]);
  });
});
