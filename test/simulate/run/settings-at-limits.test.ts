import { describe, expect, it } from "vitest";
import { createScheduler } from "../../../src/scheduler/scheduler.ts";
import { resolveSettings, type Settings } from "../../../src/scheduler/settings.ts";
import { wrongSettings } from "../../../src/simulate/run/settings-at-limits.ts";

describe("settings at their limits", () => {
  it("are answered as documented", () => {
    expect(wrongSettings(createScheduler)).toEqual([]);
  });

  it.each([
    ["accepts everything", () => {}, /"partitions":0.* were accepted, allowed a SettingsError/],
    [
      "refuses the last value that is allowed",
      (given: object) => {
        if ("lease" in given && given.lease === 86_400_000) throw new Error("too long");
        resolveSettings(given as Partial<Settings>);
      },
      /^settings \{"lease":86400000\} were answered by Error: too long, allowed a scheduler$/,
    ],
    [
      "does not say which setting it refuses",
      () => {
        throw new Error("settings: found a mistake, allowed none; mend it");
      },
      /allowed a SettingsError that names settings\.partitions/,
    ],
  ])("are explained where a scheduler %s", (_, resolve, found) => {
    const create = ((_ports: object, given: object) => resolve(given)) as unknown as typeof createScheduler;
    expect(wrongSettings(create).some(([first = ""]) => found.test(first))).toBe(true);
  });
});
