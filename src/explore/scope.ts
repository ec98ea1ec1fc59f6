/** The scope of a run: chosen, checked, and in words. */
import type { Model, Scope, ScopeEntry } from "../../model/machine.ts";
import { UsageError } from "../report/failure.ts";

/** @param text `N=2,I=1`; what is not named has its standard value. @throws UsageError naming model, key, value and bound */
export function parseScope(model: Model, text: string): Scope {
  const given: Record<string, number> = {};
  for (const part of text.split(",").filter((each) => each.trim() !== "")) {
    const [, key = "", value = ""] = /^\s*([A-Za-z][A-Za-z0-9_]*)\s*=\s*(-?\d{1,9})\s*$/.exec(part) ?? [];
    if (key === "") throw wrong(model, `found ${JSON.stringify(part)}; allowed: key=integer`);
    if (Object.hasOwn(given, key)) throw wrong(model, `${key} is given twice`);
    given[key] = Number(value);
  }
  return completeScope(model, given);
}

/** @throws UsageError naming model, key, value and bound */
export function completeScope(model: Model, given: Readonly<Record<string, number>>): Scope {
  for (const key of Object.keys(given)) {
    if (!Object.hasOwn(model.scope, key)) {
      throw wrong(model, `unknown key ${JSON.stringify(key)}; allowed: ${Object.keys(model.scope).join(", ")}`);
    }
  }
  return Object.fromEntries(
    Object.entries(model.scope).map(([key, entry]) => [key, within(model, key, entry, given[key] ?? entry.standard)]),
  );
}

export function scopeText(scope: Scope): string {
  return Object.entries(scope)
    .map(([key, value]) => `${key}=${value}`)
    .join(",");
}

function within(model: Model, key: string, { means, least, most }: ScopeEntry, value: number): number {
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  throw wrong(model, `${key} (${means}) is ${value}, allowed ${least} to ${most}`);
}

function wrong({ name, scope }: Model, found: string): UsageError {
  const example = scopeText(Object.fromEntries(Object.entries(scope).map(([key, { standard }]) => [key, standard])));
  return new UsageError(`model ${name}: scope: ${found}`, { where: "--scope", fix: `for example --scope ${example}` });
}
