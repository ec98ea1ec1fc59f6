/** The scope of a run: chosen, checked, and as text. Bounds have names inside, and their short forms wherever they are printed. */
import type { Model, NamedScope, Scope, ScopeEntry } from "../../model/language/machine.ts";
import { UsageError } from "../evidence/failure.ts";

/** The bounds, and whether states that differ only in names are counted once unless an option decides it. */
export interface ChosenScope {
  readonly scope: Scope;
  readonly isSymmetric: boolean;
}

/** @param given a name, `nodes=2,I=1`, a name and then that, or an object; bounds by name or short form. @throws UsageError naming model, key, value and bound */
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
    add(model, given, key, Number(value));
  }
  return given;
}

/** Adds a bound under its name. @throws UsageError for a key that the model has not, or has already */
function add(model: Model, bounds: Record<string, number>, key: string, value: number): void {
  const name = nameOf(model, key);
  if (name === undefined) {
    const known = Object.keys(model.scope).map((each) => shortOf(model, each));
    throw wrong(model, `unknown key ${JSON.stringify(key)}; allowed: ${known.join(", ")}`);
  }
  if (Object.hasOwn(bounds, name)) throw wrong(model, `${shortOf(model, name)} is given twice`);
  bounds[name] = value;
}

function nameOf({ scope }: Model, key: string): string | undefined {
  if (Object.hasOwn(scope, key)) return key;
  return Object.keys(scope).find((name) => scope[name]?.short === key);
}

function shortOf({ scope }: Model, name: string): string {
  return scope[name]?.short ?? name;
}

/** @param given absent: the standard value. @throws UsageError naming model, key, value and bound */
export function completeScope(model: Model, given: Readonly<Record<string, number | undefined>>): Scope {
  const bounds: Record<string, number> = {};
  for (const [key, value] of Object.entries(given)) if (value !== undefined) add(model, bounds, key, value);
  return Object.fromEntries(
    Object.entries(model.scope).map(([name, entry]) => [
      name,
      within(model, shortOf(model, name), entry, bounds[name] ?? entry.standard),
    ]),
  );
}

/** The same bounds by their short forms, as tokens, `--json` and reports have them. */
export function shortScope(model: Model, scope: Scope): Scope {
  return Object.fromEntries(Object.entries(scope).map(([name, value]) => [shortOf(model, name), value]));
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

function wrong(model: Model, found: string): UsageError {
  const standard = Object.entries(model.scope).map(([name, entry]) => [name, entry.standard] as const);
  const example = scopeText(shortScope(model, Object.fromEntries(standard)));
  return new UsageError(`model ${model.name}: scope: ${found}`, {
    where: "--scope",
    fix: `for example --scope ${example}`,
  });
}
