/** docs/settings.md, the bounds of the judges and the scheduler's own defaults are the same. */
import { describe, expect, it } from "vitest";
import { documentedRanges, documentedSettings, promisedSettings } from "../../src/check/documented-settings.ts";
import { resolveSettings, type Settings } from "../../src/scheduler/settings.ts";
import { sourcesIn } from "../house/sources.ts";

const page = sourcesIn("docs", [".md"]).find(({ path }) => path === "docs/settings.md")?.text ?? "";

/** Name -> the cells of its row: default, range. */
const rows = new Map(
  [...page.matchAll(/^\| `(\w+)` \| ([^|]+) \| ([^|]+) \|/gmu)].map(([, name = "", usual = "", range = ""]) => [
    name,
    { usual: usual.trim(), range: range.trim() },
  ]),
);

function documented(name: string): Settings[keyof Settings] {
  const { usual = "" } = rows.get(name) ?? {};
  if (name === "healthWeights")
    return Object.fromEntries(
      usual.split(", ").map((weight) => [weight.split(" ")[0], Number(weight.split(" ")[1])]),
    ) as Settings["healthWeights"];
  return name === "retryAmbiguous" ? (usual as Settings["retryAmbiguous"]) : Number(usual.replaceAll(",", ""));
}

const actual = resolveSettings({});

describe("docs/settings.md", () => {
  it("has a row for every setting, and for nothing else", () => {
    expect([...rows.keys()]).toEqual(Object.keys(actual));
  });

  it.each(Object.entries(actual))("documents the default of %s, which is %j", (name, usual) => {
    expect(documented(name)).toEqual(usual);
  });

  it.each(Object.keys(documentedSettings) as (keyof typeof documentedSettings)[])(
    "documents the range of %s: its ends are allowed, what is beyond is not",
    (name) => {
      const [least = Number.NaN, most = Number.NaN] = (rows.get(name)?.range ?? "")
        .split("–")
        .map((end) => Number(end.replaceAll(",", "")));
      expect(documentedRanges[name].slice(0, 2)).toEqual([least, most]);
      const step = name === "ttlSpread" ? 0.001 : 1;
      const message = (value: number): string => {
        try {
          resolveSettings({ [name]: value });
          return "";
        } catch (error) {
          return String(error);
        }
      };
      // An end may contradict the default of another setting.
      for (const inside of [least, most]) expect(message(inside)).not.toMatch(/Too (small|big)/u);
      expect(message(least - step)).toMatch(/Too small/u);
      expect(message(most + step)).toMatch(/Too big/u);
    },
  );
});

describe("the settings by which runs are judged", () => {
  it.each(Object.entries(documentedSettings))("have the documented default of %s, %d", (name, usual) => {
    expect(documented(name)).toBe(usual);
  });

  it("cover every setting that is a number", () => {
    const numbers = Object.entries(actual).flatMap(([name, value]) => (typeof value === "number" ? [name] : []));
    expect(Object.keys(documentedSettings)).toEqual(numbers);
  });

  it("are what a scenario sets, where it does", () => {
    expect(promisedSettings({ lease: 7 })).toEqual({ ...documentedSettings, lease: 7 });
  });
});
