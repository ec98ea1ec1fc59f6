/** Claims about the configuration of the pools: what cannot be read is never in force. */

import type { ConfigContent } from "../../protocol/configuration.ts";
import type { Version } from "../../protocol/version.ts";
import { type ContractCheck, found } from "./check.ts";
import { Comparisons } from "./comparisons.ts";
import { callTimeout, inWords, wire } from "./world.ts";

const pool = { id: "a", name: "", required_services: ["s"], language_pairs: [{ source: "de", target: "en" }] };
const content: ConfigContent = {
  ...{ enabled: true, pool_count: 1, hash_seed: 7, fallback_scan_all_pools: false },
  pools: [pool],
};

/** Writes one field of the record, or removes it, and answers as a status. */
const spoil = `
if ARGV[2] then redis.call('HSET', KEYS[1], ARGV[1], ARGV[2]) else redis.call('HDEL', KEYS[1], ARGV[1]) end
return redis.status_reply('OK')`;

/** As the script stores it. */
const stored = { ...pool, language_pairs: [["de", "en"]] };

/** One field of the record, and what stands there instead; absent: nothing does. */
const malformed: readonly (readonly [field: string, value?: string])[] = [
  ["version"],
  ["version", "7"],
  ["enabled"],
  ["enabled", "yes"],
  ["pool_count", "2"],
  ["pool_count", "one"],
  ["hash_seed", ""],
  ["hash_seed", "1e3"],
  ["hash_seed", "-1"],
  ["hash_seed", "4294967296"],
  ["fallback_scan_all_pools", "true"],
  ["pools"],
  ["pools", "[{"],
  ["pools", "{}"],
  ["pools", "[1]"],
  ["pools", JSON.stringify([stored, { ...stored, id: "b" }])],
  ["pools", JSON.stringify([{ ...stored, id: 1 }])],
  ["pools", JSON.stringify([{ ...stored, required_services: "s" }])],
  ["pools", JSON.stringify([{ ...stored, language_pairs: [["de"]] }])],
  ["pools", JSON.stringify([pool])],
  ["pools", JSON.stringify([{ ...stored, id: "" }])],
  ["pools", JSON.stringify([{ ...stored, name: "x".repeat(257) }])],
  ["pools", JSON.stringify([{ ...stored, id: "ü".repeat(129) }])],
  ["pools", JSON.stringify([{ ...stored, required_services: ["s", ""] }])],
  ["pools", JSON.stringify([{ ...stored, required_services: new Array<string>(65).fill("s") }])],
  ["pools", JSON.stringify([{ ...stored, language_pairs: [["d e", "en"]] }])],
  ["pools", JSON.stringify([{ ...stored, language_pairs: [["d".repeat(36), "en"]] }])],
  ["pools", JSON.stringify([{ ...stored, language_pairs: new Array(513).fill(["de", "en"]) }])],
];

/** As large as the protocol allows. */
const largest: ConfigContent = {
  ...content,
  hash_seed: 4_294_967_295,
  pools: [
    {
      ...{ id: "i".repeat(256), name: "ü".repeat(128) },
      required_services: Array.from({ length: 64 }, (_, index) => `s${String(index).padStart(2, "0")}`),
      language_pairs: Array.from({ length: 512 }, (_, index) => ({
        source: String(index).padStart(35, "0"),
        target: "_-Aa09",
      })),
    },
  ],
};

/** Documented: changes in the feed of the configuration. */
const mostKept = 16;

export const configurationChecks: readonly ContractCheck[] = [
  {
    id: "configuration-malformed",
    property: "S4",
    claim: "a record of the configuration that is not as it was put is reported as such, and never a configuration",
    async run(world) {
      const { redis } = world;
      const store = await world.store();
      const key = `${wire.prefix}{cfg}:phase3`;
      const accepted: string[] = [];
      for (const [field, value] of malformed) {
        await redis.execute("FLUSHALL");
        await store.putConfig({ expected: null, content }, callTimeout);
        const whole = await store.readConfig(callTimeout);
        if (whole.kind !== "config" || whole.config === null)
          return found(0, [`what had been put was read as ${inWords(whole)}, allowed is the configuration itself`]);
        await redis.execute("EVAL", spoil, "1", key, field, ...(value === undefined ? [] : [value]));
        const read = await store.readConfig(callTimeout);
        if (read.kind !== "malformed") accepted.push(`${field} ${value ?? "missing"}`);
      }
      const explanation = [
        `${accepted.length} of ${malformed.length} malformed configurations were not read as malformed, allowed none`,
        ...accepted,
      ];
      return found(malformed.length, accepted.length === 0 ? null : explanation);
    },
  },
  {
    id: "configurations-kept",
    property: "K5",
    claim:
      "the feed keeps 16 configurations, whatever it keeps of other changes, and one of the largest size is read as it was put",
    async run(world) {
      const compare = new Comparisons();
      const store = await world.store();
      let expected: Version | null = null;
      for (let hash_seed = 0; hash_seed < mostKept + 4; hash_seed += 1) {
        const put = await store.putConfig({ expected, content: { ...content, hash_seed } }, callTimeout);
        expected = put.kind === "failed" ? null : put.config;
      }
      compare.same("changes that were made", expected?.sequence, mostKept + 4);
      compare.same("changes that are kept", await world.redis.ask("XLEN", `${wire.prefix}{cfg}:feed`), `:${mostKept}`);
      await store.putConfig({ expected, content: largest }, callTimeout);
      const read = await store.readConfig(callTimeout);
      const { version: _, ...found } = (read.kind === "config" ? read.config : null) ?? { version: null };
      compare.same("the largest configuration", found, largest);
      return compare.found;
    },
  },
];
