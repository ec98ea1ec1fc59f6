/** The flags that several commands share, each with one meaning. */
import { Option } from "commander";
import { redisTopologies } from "../../../scenarios/declare/fault-places.ts";
import { maxSeed } from "../../evidence/token.ts";
import { type Language, languages } from "../../report/texts/words.ts";
import type { SutCommand, SystemUnderTest } from "../../sut/command.ts";
import type { Layers, Mutant } from "../../verify/layers.ts";
import type { Context } from "../process/context.ts";
import { readShellWords } from "./shell-words.ts";
import { integerWithin, oneOf } from "./values.ts";

/** A type, not an interface, so that commander's option bags fit it. */
export type SeedFlag = { readonly seed?: number };

export function jsonFlag(): Option {
  return new Option("--json", "print only JSON, one object a line");
}

export function languageFlag(): Option {
  return new Option("--lang <name>", `language of checklist.md: ${languages.join(", ")} (default: all)`).argParser(
    oneOf("language", "--lang", languages),
  );
}

/** @returns undefined: all */
export function languagesOf({ lang }: { readonly lang?: Language }): readonly Language[] | undefined {
  return lang === undefined ? undefined : [lang];
}

export function htmlFlag(what = "draw the space-time diagram into this file"): Option {
  return new Option("--html <file>", what);
}

export function seedFlag(): Option {
  const range = `0 to ${maxSeed}`;
  return new Option("--seed <n>", `seed of the run, ${range} (default: drawn and printed)`).argParser(
    integerWithin("--seed", 0, maxSeed),
  );
}

export function runsFlag(standard: number, what: string): Option {
  return new Option("--runs <n>", what).default(standard).argParser(integerWithin("--runs", 1, 1_000_000));
}

export function luaFlag(): Option {
  return new Option("--lua <dir>", "use the scripts in this folder");
}

export function redisFlag(): Option {
  return new Option("--redis-server <path>", "program to use (default: PATH, the cache, or provided)");
}

/** Which servers a scenario runs on. */
export function topologyFlag(): Option {
  return new Option("--redis <topology>", `${redisTopologies.join(", ")} (default: as the scenario says)`).argParser(
    oneOf("topology", "--redis", redisTopologies),
  );
}

/** A scheduler written elsewhere. It is started in the caller's folder. */
export function sutFlag(): Option {
  const read = readShellWords("--sut");
  return new Option("--sut <command>", "run this scheduler, over the line protocol").argParser((text): SutCommand => {
    const [file = "", ...args] = read(text);
    return { file, args, workDir: process.cwd() };
  });
}

/** @returns undefined where no command was given @throws UsageError where it cannot be started */
export async function greeted(
  { redisServer, sut }: { readonly redisServer?: string; readonly sut?: SutCommand },
  layers: Layers,
  context: Context,
): Promise<SystemUnderTest | undefined> {
  if (sut === undefined) return undefined;
  return await layers.greetSystem({ command: sut, redisServer, signal: context.interrupted });
}

export function toxiproxyFlag(): Option {
  return new Option("--toxiproxy-server <path>", "program to use (default: PATH, the cache, or provided)");
}

/** @param layer the one that runs it */
export function mutantFlag(layer: Mutant["layer"]): Option {
  return new Option("--mutant <id>", `run with this mutant of ${layer}`);
}

/** The ids of one layer's mutants. */
export function mutantIds(layers: Layers, layer: Mutant["layer"]): readonly string[] {
  return layers.mutants.filter((mutant) => mutant.layer === layer).map((mutant) => mutant.id);
}

/** The ids of the mutants that a simulated run may have. */
export function simulatedMutants(layers: Layers): readonly string[] {
  return [...mutantIds(layers, "simulate"), ...layers.rareMutants];
}

/** The seed of the run, given or drawn. The context keeps it for the message of a run that breaks. */
export function chooseSeed(flags: SeedFlag, context: Context): number {
  const seed = flags.seed ?? context.drawSeed();
  context.noteSeed(seed);
  return seed;
}
