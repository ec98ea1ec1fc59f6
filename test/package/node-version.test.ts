/** One statement on Node: the manifests, the refusals and the README have the same range, and the packages that `npm ci` installs allow all of it. */
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { checkNode, NodeVersionError, supportedNode } from "../../src/embed/node-version.ts";
import { sourcesAtTop, sourcesIn } from "../house/sources.ts";

const textOf = (path: string): string => {
  const folder = path.includes("/") ? path.slice(0, path.lastIndexOf("/")) : null;
  const sources = folder === null ? sourcesAtTop(path) : sourcesIn(folder, [path.slice(folder.length + 1)]);
  return sources.find((source) => source.path === path)?.text ?? "";
};

const places = ["package.json", "packages/scheduler/package.json", "src/cli/lockproof.js", "src/lab/provide/doctor.ts"];

describe("the supported versions of Node", () => {
  it.each([...places, "README.md", "README.zh-CN.md"])("are the same in %s", (path) => {
    expect(textOf(path)).toContain(supportedNode);
  });

  it("are the only ones that README and docs name", () => {
    const pages = [...sourcesIn("docs", [".md"]), ...["README.md", "README.zh-CN.md"].flatMap(sourcesAtTop)];
    const named = pages.flatMap(({ path, text }) =>
      [...text.matchAll(/\bNode(?:\.js)? (?<version>\d+[\d.]*)/gu)].map(
        ({ groups }) => `${path} ${groups?.["version"]}`,
      ),
    );
    // Pages of measurements say what they were measured with.
    expect(named.filter((one) => !/^docs\/(?:benchmarks|track-record|mutants|sut-matrix)\.md/u.test(one))).toEqual([]);
  });
});

type Version = readonly [major: number, minor: number];
const parsed = (text: string): Version => {
  const [major = 0, minor = 0] = text.split(".").map(Number);
  return [major, minor];
};
const isAtLeast = ([major, minor]: Version, [least, leastMinor]: Version): boolean =>
  major > least || (major === least && minor >= leastMinor);

/** Checks a range of `engines`: alternatives of comparators, each `^`, `>=`, an exact version, or `*`. */
function allows(range: string, version: Version): boolean {
  return range.split("||").some((alternative) =>
    alternative
      .trim()
      .replaceAll(/>=\s+/gu, ">=")
      .split(/\s+/u)
      .every((comparator) => {
        const least = parsed(comparator.replace(/^(?:\^|>=|>)/u, "").replaceAll(/\.x/gu, ".0"));
        if (comparator === "*" || comparator === "") return true;
        if (comparator.startsWith("<")) return !isAtLeast(version, parsed(comparator.replace(/^<=?/u, "")));
        if (comparator.startsWith(">")) return isAtLeast(version, least);
        return version[0] === least[0] && isAtLeast(version, least);
      }),
  );
}

const lock = z.object({
  packages: z.record(z.string(), z.object({ engines: z.object({ node: z.string().optional() }).optional() })),
});

describe("npm ci prints no EBADENGINE", () => {
  const { packages } = lock.parse(JSON.parse(textOf("package-lock.json")));
  const ranges = Object.entries(packages).flatMap(([name, { engines }]) =>
    // The package `node` brings a version of Node; its `engines` is about its own program.
    engines?.node === undefined || name === "" || name.endsWith("/node") ? [] : [{ name, range: engines.node }],
  );
  const ends: readonly Version[] = [
    [22, 18],
    [24, 11],
    [26, 0],
    [27, 0],
  ];

  it.each(ends)("under Node %d.%d", (...version) => {
    expect(ranges.length).toBeGreaterThan(200);
    expect(ranges.filter(({ range }) => !allows(range, version))).toEqual([]);
  });

  it.each<Version>([
    [22, 17],
    [23, 0],
    [24, 10],
    [25, 1],
  ])("and does so under %d.%d", (...version) => {
    expect(ranges.filter(({ range }) => !allows(range, version))).not.toEqual([]);
  });
});

describe("an older Node", () => {
  it.each(["18.20.4", "20.19.2", "22.17.1"])("%s is refused, with what was found and what is needed", (version) => {
    const error = (() => {
      try {
        return checkNode(version);
      } catch (thrown) {
        return thrown;
      }
    })();
    expect(error).toBeInstanceOf(NodeVersionError);
    expect(error).toMatchObject({
      name: "NodeVersionError",
      code: "ERR_LOCKPROOF_NODE",
      found: version,
      needed: supportedNode,
    });
  });

  it.each(["22.18.0", "24.0.0", "25.2.1", "26.0.0"])("%s is none", (version) => {
    expect(() => checkNode(version)).not.toThrow();
  });

  it("is refused before anything else of an entry point is evaluated", () => {
    for (const path of ["scheduler", "migration", "upgrade"]) {
      const imports = [...textOf(`src/embed/${path}.ts`).matchAll(/^(?:import|export) .*?"(?<from>[^"]+)";$/gmsu)];
      expect(imports[0]?.groups?.["from"]).toBe("./node-version.ts");
    }
    expect(textOf("src/embed/node-version.ts")).not.toMatch(/^import /mu);
  });
});
