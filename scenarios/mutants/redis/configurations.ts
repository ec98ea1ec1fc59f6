/** Records of the configuration that are read although they are not as they were put. */
import type { RedisMutant } from "./mutant.ts";

const file = "src/redis/scripts/config-reply.ts";

export const wrongConfigurations: readonly RedisMutant[] = [
  {
    id: "flags-guessed",
    origin: "whatever is not 1 is taken for off",
    check: "configuration-malformed",
    property: "S4",
    edits: [
      {
        file,
        find: `  return found === "0" ? false : unexpected(`,
        replace: `  return found !== "1" ? false : unexpected(`,
      },
    ],
  },
  {
    id: "pools-taken-as-they-are",
    origin: "what is JSON is taken for a list of pools",
    check: "configuration-malformed",
    property: "S4",
    edits: [
      {
        file,
        find: `list("pools", parseJson("pools", fields["pools"])).map(readPool);`,
        replace: `parseJson("pools", fields["pools"]) as PoolConfig[];`,
      },
    ],
  },
];
