/** Claims about the configuration of the pools: what cannot be read is never in force. */

import type { ConfigContent } from "../../protocol/configuration.ts";
import { type ContractCheck, found } from "./check.ts";
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
  ["pools", JSON.stringify([{ ...stored, required_services: ["s", ""] }])],
  ["pools", JSON.stringify([{ ...stored, required_services: new Array<string>(65).fill("s") }])],
  ["pools", JSON.stringify([{ ...stored, language_pairs: [["d e", "en"]] }])],
];

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
];
