/** Mutants of how failed calls end, and of when a server is examined. */
import type { PropertyId } from "../../../src/check/properties.ts";
import type { RedisMutant } from "./mutant.ts";

const mutant = (
  id: string,
  [check, property]: readonly [string, PropertyId],
  origin: string,
  [file, find, replace]: readonly [string, string, string],
): RedisMutant => ({
  ...{ id, check, property, origin: `redis: ${origin}`, edits: [{ file: `src/redis/${file}`, find, replace }] },
});

const again = ["examined-again", "K7"] as const;
const link = "connection/link.ts";

export const wrongRefusals: readonly RedisMutant[] = [
  mutant("failed-calls-stay-in-flight", ["failed-calls-end", "K5"], "only an answer takes a call off the count", [
    "store.ts",
    ".finally(() => {\n      this.#inFlight -= 1;\n    });",
    ".then((raw) => {\n      this.#inFlight -= 1;\n      return raw;\n    });",
  ]),
  mutant("refused-for-good", again, "who was not let in once is refused, whatever the server says later", [
    link,
    `    trouble = "";\n    shut = null;\n`,
    `    trouble = "";\n`,
  ]),
  mutant("examined-once", again, "a server is examined at the first connection alone", [
    link,
    "    const found = lookAt(client, options);",
    "    const found = latest ?? lookAt(client, options);",
  ]),
];
