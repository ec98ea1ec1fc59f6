/**
 * The pools, language pairs and services that occur in a run, as many of each as its topology says. The first of each kind is what every node offers and
 * every usual request asks for. Early ones collide where names are joined carelessly: `a-b`, `c` and `a`, `b-c`; the service `ocr,speech` beside `speech`
 * and `ocr`; the pool `pool-a,pool-b` beside both.
 */
import type { Scenario } from "../../../scenarios/declare/declare.ts";
import type { LanguagePair } from "../../protocol/node.ts";

export type Sizes = Pick<Scenario["topology"], "pools" | "languages" | "services">;

export interface Names {
  readonly pools: readonly string[];
  readonly languages: readonly LanguagePair[];
  readonly services: readonly string[];
}

/** The longest id that the protocol allows. Bytes. */
const longest = 256;

/** The first two, by which the offers of one node's incarnations differ, and ids of one byte, of 256 bytes and of several bytes a character. */
const firstPools = ["pool-a", "pool-b", "p", "pool-a,pool-b", "池🧩", "pool-".padEnd(longest, "x")];
const firstServices = ["translate", "speech", "ocr", "ocr,speech", "s", "要約", "service-".padEnd(longest, "x")];
const firstLanguages: readonly (readonly [source: string, target: string])[] = [
  ["en", "de"],
  ["en", "fr"],
  ["zh-Hant", "en"],
  ["a-b", "c"],
  ["a", "b-c"],
  ["a_b", "c"],
  ["en", "zh-Hant"],
  ["x".padEnd(35, "y"), "z"],
];

/** Names that no node of any run offers. */
export const unknown = {
  pool: "pool-z",
  service: "no-node-has-this",
  language: { source: "tlh", target: "en" },
} as const;

export function namesOf({ languages, pools, services }: Sizes): Names {
  return {
    pools: listed(pools, firstPools, (index) => `pool-${index}`),
    languages: listed(languages, firstLanguages, (index) => ["en", `l${index}-Latn`] as const).map(pairOf),
    services: listed(services, firstServices, (index) => `service-${index}`),
  };
}

function listed<Item>(count: number, first: readonly Item[], further: (index: number) => Item): readonly Item[] {
  return Array.from({ length: count }, (_, index) => first[index] ?? further(index));
}

function pairOf([source, target]: readonly [string, string]): LanguagePair {
  return { source, target };
}
