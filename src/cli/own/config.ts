/** `lockproof.config.ts`: the flags that a project always gives. A flag on the command line wins. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Command, Option } from "commander";
import { z } from "zod";
import { messageOf, UsageError } from "../../evidence/failure.ts";
import { languages } from "../../report/texts/words.ts";
import { profileNames } from "../../verify/profiles.ts";
import type { Config } from "./config-type.ts";
import { defaultExportOf } from "./scenarios.ts";

const path = z.string().min(1);

export const configSchema = z.strictObject({
  $schema: z.string().exactOptional(),
  sut: path.exactOptional().describe("The command of the scheduler that is verified, quoted as for a shell"),
  scenarios: path.exactOptional().describe("The folder of scenarios of your own"),
  profile: z.enum(profileNames).exactOptional().describe("How much verify runs; quick by default"),
  budget: z
    .string()
    .regex(/^\d{1,9}(?:\.\d{1,3})?(?:ms|s|m|h)$/u)
    .exactOptional()
    .describe("The most time of verify, such as 90s or 2h; by default the profile's"),
  reports: path.exactOptional().describe("Where reports go; reports by default"),
  keep: z.int().min(1).max(1_000_000).exactOptional().describe("Runs that stay there; 10 by default"),
  lang: z.enum(languages).exactOptional().describe("The language of checklist.md; by default all"),
  redisServer: path.exactOptional().describe("The redis-server to use"),
  toxiproxyServer: path.exactOptional().describe("The toxiproxy-server to use"),
} satisfies Record<keyof Config, z.ZodType>);

const names = ["ts", "mts", "js", "mjs", "json"].map((ending) => `lockproof.config.${ending}`);

/** The configuration in this folder; null: there is none.
 * @throws UsageError for one that cannot be read, or names what is not known
 */
export async function readConfig(folder: string): Promise<Config | null> {
  const file = names.map((name) => join(folder, name)).find((each) => existsSync(each));
  if (file === undefined) return null;
  const given = file.endsWith(".json") ? parsed(file) : await defaultExportOf(file, "an object as the default export");
  const config = configSchema.safeParse(given);
  if (config.success) return config.data;
  const issue = config.error.issues[0];
  throw new UsageError(
    `found ${issue?.message ?? "no configuration"}; allowed: ${Object.keys(configSchema.shape).join(", ")}`,
    {
      where: [file, ...(issue?.path ?? [])].join(": "),
      fix: "mend it",
    },
  );
}

function parsed(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch (error) {
    throw new UsageError(`found no JSON: ${messageOf(error)}`, { where: file, fix: "mend it" }, error);
  }
}

/** Other commands have flags of these names with another meaning. */
const ofVerify: readonly string[] = ["profile", "budget"];

/** These run a scheduler of the token's, and take the configured one only where the token is of one. */
const rerunning: readonly string[] = ["replay", "explain"];

/** Sets the options of a command that its caller has not given, and that contradict none of the given ones. */
export function applyConfig(command: Command, { $schema: _, ...config }: Config): void {
  for (const [name, value] of Object.entries(config)) {
    const option = command.options.find((one) => one.attributeName() === name);
    if (option === undefined || isGiven(command, name)) continue;
    if (conflictsOf(option).some((other) => isGiven(command, other))) continue;
    if (ofVerify.includes(name) && command.name() !== "verify") continue;
    const read = typeof value === "string" && option.parseArg ? option.parseArg(value, undefined) : value;
    const isOfToken = name === "sut" && rerunning.includes(command.name());
    command.setOptionValueWithSource(isOfToken ? "configuredSut" : name, read, "config");
  }
}

/** Returns a field that commander's types do not have. */
function conflictsOf(option: Option & { readonly conflictsWith?: readonly string[] }): readonly string[] {
  return option.conflictsWith ?? [];
}

function isGiven(command: Command, name: string): boolean {
  const source = command.getOptionValueSource(name);
  return source !== undefined && source !== "default";
}
