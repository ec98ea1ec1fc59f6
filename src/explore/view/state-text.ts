/** States, values and steps in words. */
import type { Action, Machine } from "../../../model/language/machine.ts";
import type { Schema, StructSchema } from "../../../model/language/schema.ts";
import type { Step } from "../search/expander.ts";

/** `none`, `true`, `3`, `{0, 2}`, `Reserve(i 0, n 1, j 0)`, `(alive true, inc 1)` */
function tell(value: unknown): string {
  if (value === null) return "none";
  if (typeof value !== "object") return String(value);
  const plain: unknown = JSON.parse(JSON.stringify(value));
  if (Array.isArray(plain)) return `{${plain.map(tell).join(", ")}}`;
  const { kind = "", ...fields } = plain as Record<string, unknown>;
  const told = Object.entries(fields).map(([name, field]) => `${name} ${tell(field)}`);
  return `${String(kind)}(${told.join(", ")})`;
}

/** `Register(node 0)`, `Deliver(Reserve(i 0, n 1, j 0))` */
export function tellStep(machine: Machine, step: Pick<Step, "action" | "args">): string {
  const action: Action | undefined = machine.actions[step.action];
  const args = step.args.map((arg, index) => {
    const parameter = action?.over[index];
    return parameter !== undefined && "noun" in parameter ? `${parameter.noun} ${tell(arg)}` : tell(arg);
  });
  return `${action?.name ?? "?"}(${args.join(", ")})`;
}

/** A state, field by field: a value in words, or the members of what is in flight. */
export type Told = ReadonlyMap<string, string | readonly string[]>;

/** One entry a field, by its path: `cache.0.1` → `(inc 1, ver 2, …)`. What is in flight or in a sequence is one entry each. */
export function tellState(schema: StructSchema<Readonly<Record<string, Schema>>>, draft: unknown): Told {
  const told = new Map<string, string | readonly string[]>();
  const visit = (each: Schema, value: unknown, where: string): void => {
    const inner = (name: string | number): string => (where === "" ? String(name) : `${where}.${name}`);
    if (!("container" in each)) told.set(where, tell(value));
    else if (each.container === "struct") {
      for (const [name, field] of Object.entries(each.fields)) visit(field, valueAt(value, name), inner(name));
    } else if (each.container === "map") {
      for (const name of each.keys.all) visit(each.each, valueAt(valueAt(value, "values"), name), inner(name));
    } else if (each.container === "in_flight") told.set(where, [...(value as Iterable<unknown>)].map(tell));
    else told.set(where, tell(value));
  };
  visit(schema, draft, "");
  return told;
}

function valueAt(holder: unknown, key: string | number): unknown {
  return (holder as Readonly<Record<string | number, unknown>>)[key];
}

/** What differs: `node.0: (alive false, …) -> (alive true, …)`, `net: + Reserve(…)`, `net: - Reserve(…)` */
export function tellChanges(before: Told, after: Told): readonly string[] {
  return [...after].flatMap(([where, is]) => {
    const was = before.get(where) ?? [];
    if (typeof is === "string" || typeof was === "string") return was === is ? [] : [`${where}: ${was} -> ${is}`];
    return [
      ...was.filter((member) => !is.includes(member)).map((member) => `${where}: - ${member}`),
      ...is.filter((member) => !was.includes(member)).map((member) => `${where}: + ${member}`),
    ];
  });
}

/** `node.0 (alive false, …)`, one a field. */
export function tellFields(told: Told): readonly string[] {
  return [...told].map(([where, value]) => `${where} ${typeof value === "string" ? value : `{${value.join(", ")}}`}`);
}
