/** `--scenarios <dir>`: scenarios of the user's own, each the default export of a module in this folder. */
import { readdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { Option } from "commander";
import { scenario } from "../../../scenarios/declare/declare.ts";
import { ScenarioError } from "../../../scenarios/declare/error.ts";
import { addScenario } from "../../../scenarios/registry.ts";
import { messageOf, UsageError } from "../../evidence/failure.ts";

export function scenariosFlag(): Option {
  return new Option(
    "--scenarios <dir>",
    "add scenarios of your own: the default exports of the modules in this folder",
  );
}

const isModule = /(?<!\.d)\.[cm]?[jt]s$/u;

/** Their names, in the order of the files.
 * @throws UsageError where the folder has none, or one cannot be loaded, is no declaration or has a name that is taken
 */
export async function addOwnScenarios(folder: string): Promise<readonly string[]> {
  const files = readdirSync(folder)
    .filter((name) => isModule.test(name))
    .sort();
  if (files.length === 0) {
    throw new UsageError("found no module; allowed: a folder with one or more", {
      where: `--scenarios ${folder}`,
      fix: "write a scenario there, as `lockproof init` does",
    });
  }
  const names: string[] = [];
  for (const file of files) names.push(await addFrom(join(folder, file)));
  return names;
}

async function addFrom(path: string): Promise<string> {
  const declaration = await defaultExportOf(path);
  try {
    const own = scenario(declaration as Parameters<typeof scenario>[0]);
    addScenario(own, path);
    return own.name;
  } catch (error) {
    if (!(error instanceof ScenarioError)) throw error;
    const part = error.where.split(": ")[1];
    throw new UsageError(error.found, { where: part === undefined ? path : `${path}: ${part}`, fix: error.fix }, error);
  }
}

/** @param allowed what the export has to be @throws UsageError for a module that cannot be imported, or has no default export */
export async function defaultExportOf(path: string, allowed = "a declaration as the default export"): Promise<unknown> {
  const refused = (found: string, cause?: unknown) =>
    new UsageError(`found ${found}; allowed: ${allowed}`, { where: path, fix: `let it \`export default\` one` }, cause);
  let module: unknown;
  try {
    module = await import(/* @vite-ignore */ pathToFileURL(resolve(path)).href);
  } catch (error) {
    throw refused(`an import that fails: ${messageOf(error).split("\n")[0]}`, error);
  }
  const found: unknown = typeof module === "object" && module !== null ? Reflect.get(module, "default") : undefined;
  if (typeof found === "object" && found !== null) return found;
  throw refused(found === undefined ? "no default export" : `a default export that is a ${typeof found}`);
}
