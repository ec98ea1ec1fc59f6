/** The scope of a run: chosen, checked, and in words. */
import type { Model, NamedScope, Scope, ScopeEntry } from "../../model/language/machine.ts";
import { UsageError } from "../evidence/failure.ts";

/** What is explored, and whether states that differ only in names are counted once where nobody says so. */
export interface ChosenScope {
  readonly scope: Scope;
  readonly isSymmetric: boolean;
}

/** @param given a name, `N=2,I=1`, a name and then that, or an object. @throws UsageError naming model, key, value and bound */
export function chooseScope(model: Model, given: string | Readonly<Record<string, number>>): ChosenScope {
  if (typeof given !== "string") return { scope: completeScope(model, given), isSymmetric: false };
  const [first = "", ...others] = given.split(",");
  if (!/^\s*[A-Za-z][\w-]*\s*$/.test(first))
    return { scope: completeScope(model, parseBounds(model, given)), isSymmetric: false };
  const named = namedScope(model, first.trim());
  const changed = parseBounds(model, others.join(","));
  return { scope: completeScope(model, { ...named.bounds, ...changed }), isSymmetric: named.isSymmetric };
}

function namedScope(model: Model, name: string): NamedScope {
  const { scopes = {} } = model;
  const named = Object.hasOwn(scopes, name) ? scopes[name] : undefined;
  if (named !== undefined) return named;
  const known = [...Object.keys(scopes), "key=integer"].join(", ");
  throw wrong(model, `found ${JSON.stringify(name)}; allowed: ${known}`);
}

function parseBounds(model: Model, text: string): Readonly<Record<string, number>> {
  const given: Record<string, number> = {};
  for (const part of text.split(",").filter((each) => each.trim() !== "")) {
    const [, key = "", value = ""] = /^\s*([A-Za-z][A-Za-z0-9_]*)\s*=\s*(-?\d{1,9})\s*$/.exec(part) ?? [];
    if (key === "") throw wrong(model, `found ${JSON.stringify(part)}; allowed: key=integer`);
    if (Object.hasOwn(given, key)) throw wrong(model, `${key} is given twice`);
    given[key] = Number(value);
  }
  return given;
}

/** @param given absent: the standard value. @throws UsageError naming model, key, value and bound */
export function completeScope(model: Model, given: Readonly<Record<string, number | undefined>>): Scope {
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
