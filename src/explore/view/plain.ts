/** A picture of a model that nobody has cast: a lane for each thing in its state, what it holds as it is, and steps by their names. */
import type { Machine } from "../../../model/language/machine.ts";
import type { Holding, Lane } from "../../evidence/timeline.ts";
import type { Cast } from "./model-view.ts";
import { tellState } from "./state-text.ts";

/** More would not fit beside each other: what is left shares the last one. */
const mostLanes = 8;

export function castPlainly({ schema }: Machine): Cast<unknown> {
  const things = Object.entries(schema.fields).flatMap(([name, field]) =>
    "container" in field && field.container === "map" ? field.keys.all.map((key) => `${name}.${key}`) : [name],
  );
  const lanes = things.slice(0, mostLanes).map((id): Lane => ({ id, name: id, kind: "model" }));
  const laneFor = (field: string): string | undefined =>
    (lanes.find(({ id }) => field === id || field.startsWith(`${id}.`)) ?? lanes.at(-1))?.id;
  const holds = (state: unknown): readonly Holding[] => {
    const told = [...tellState(schema, state)];
    return lanes.map(({ id }) => ({
      lane: id,
      lines: told
        .filter(([field]) => laneFor(field) === id)
        .map(([field, value]) => `${field} ${typeof value === "string" ? value : `{${value.join(", ")}}`}`),
    }));
  };
  return {
    lanes,
    holds,
    underway: () => [],
    act({ action, args }, before, after) {
      const was = holds(before);
      const changed = holds(after).find(({ lines }, index) => String(lines) !== String(was[index]?.lines));
      const words = `${action}(${args.map((arg) => JSON.stringify(arg)).join(", ")})`;
      return { lane: changed?.lane ?? lanes[0]?.id ?? "", kind: "step", words, takes: [], ends: "arrived", within: [] };
    },
  };
}
