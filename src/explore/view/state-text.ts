/** States, values and steps as text. */
import type { Action, Machine } from "../../../model/language/machine.ts";
import type { Schema, StructSchema } from "../../../model/language/schema.ts";
import type { Step } from "../search/expander.ts";

/** `none`, `true`, `3`, `{0, 2}`, `Reserve(i 0, n 1, j 0)`, `(alive true, inc 1)` */
function valueText(value: unknown): string {
  if (value === null) return "none";
  if (typeof value !== "object") return String(value);
  const plain: unknown = JSON.parse(JSON.stringify(value));
  if (Array.isArray(plain)) return `{${plain.map(valueText).join(", ")}}`;
  const { kind = "", ...fields } = plain as Record<string, unknown>;
  const texts = Object.entries(fields).map(([name, field]) => `${name} ${valueText(field)}`);
  return `${String(kind)}(${texts.join(", ")})`;
}

/** `Register(node 0)`, `Deliver(Reserve(i 0, n 1, j 0))` */
export function stepText(machine: Machine, step: Pick<Step, "action" | "args">): string {
  const action: Action | undefined = machine.actions[step.action];
  const args = step.args.map((arg, index) => {
    const parameter = action?.over[index];
    return parameter !== undefined && "noun" in parameter ? `${parameter.noun} ${valueText(arg)}` : valueText(arg);
  });
  return `${action?.name ?? "?"}(${args.join(", ")})`;
}

/** A state, field by field: a value as text, or the members of what is in flight. */
export type FieldTexts = ReadonlyMap<string, string | readonly string[]>;

/** One entry a field, by its path: `cache.0.1` → `(inc 1, ver 2, …)`. What is in flight or in a sequence is one entry each. */
export function fieldTexts(schema: StructSchema<Readonly<Record<string, Schema>>>, draft: unknown): FieldTexts {
  const texts = new Map<string, string | readonly string[]>();
  const visit = (each: Schema, value: unknown, where: string): void => {
    const inner = (name: string | number): string => (where === "" ? String(name) : `${where}.${name}`);
    if (!("container" in each)) texts.set(where, valueText(value));
    else if (each.container === "struct") {
      for (const [name, field] of Object.entries(each.fields)) visit(field, valueAt(value, name), inner(name));
    } else if (each.container === "map") {
      for (const name of each.keys.all) visit(each.each, valueAt(valueAt(value, "values"), name), inner(name));
    } else if (each.container === "in_flight") texts.set(where, [...(value as Iterable<unknown>)].map(valueText));
    else texts.set(where, valueText(value));
  };
  visit(schema, draft, "");
  return texts;
}

function valueAt(holder: unknown, key: string | number): unknown {
  return (holder as Readonly<Record<string | number, unknown>>)[key];
}

/** The differences: `node.0: (alive false, …) -> (alive true, …)`, `net: + Reserve(…)`, `net: - Reserve(…)` */
export function changeLines(before: FieldTexts, after: FieldTexts): readonly string[] {
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
export function fieldLines(fields: FieldTexts): readonly string[] {
  return [...fields].map(([where, value]) => `${where} ${typeof value === "string" ? value : `{${value.join(", ")}}`}`);
}
