/** Where in the sources a violation belongs: the line that it names, its script, or its scenario. */
import type { Violation } from "../../evidence/evidence.ts";

export interface Site {
  /** Relative to the root of the repository, with `/`. */
  readonly file: string;
  readonly line: number;
}

/** The files of a checkout, by what a violation calls them. */
export interface Places {
  /** The package's folder within the repository: empty, or ending with `/`. null: it lies outside. */
  readonly base: string | null;
  /** By operation: `reserve_job`. */
  readonly scripts: ReadonlyMap<string, Site>;
  readonly scenarios: ReadonlyMap<string, Site>;
}

/** Outside a checkout. */
export const noPlaces: Places = { base: null, scripts: new Map(), scenarios: new Map() };

/** As the search for locks prints it: `lua/reserve_job.lua:12`. */
const named = /(?:^|\s)((?:lua|model|scenarios|src)(?:\/[\w-][\w.-]*)+\.(?:lua|ts)):(\d{1,6})(?!\d)/u;
/** The last command of a plan of conform: ` 12. reserve_job node n0`. */
const command = /^\s*\d+\. (?:send )?([a-z_]+)/u;

/** null: nothing of it lies in a file that is known. */
export function siteOf({ layer, scenario, story }: Violation, places: Places): Site | null {
  const [, file, line] = named.exec(story[0] ?? "") ?? [];
  if (file !== undefined && places.base !== null)
    return { file: `${places.base}${file}`, line: Math.max(1, Number(line)) };
  const last = layer === "conform" ? story.findLast((each) => command.test(each)) : undefined;
  const script = places.scripts.get(command.exec(last ?? "")?.[1] ?? "");
  return script ?? places.scenarios.get(scenario) ?? null;
}
