/** Documentation is judged: every promise has a property, every property has promises, a layer that decides it, and mutants. */
import { describe, expect, it } from "vitest";
import { propertyIds } from "../../../src/check/properties.ts";
import { sourcesIn } from "../sources.ts";
import { blocksOf, isMarked, promisesIn } from "./promises.ts";
import { layersOf, mutantsOf, promisesPage, rangesOf } from "./promises-page.ts";

/** The pages that promise something, in the order in which they are printed. */
const pages = ["docs/protocol.md", "docs/instance.md", "docs/modes.md", "docs/embedding.md", "docs/sut-protocol.md"];
const sources = sourcesIn("docs", [".md"]).filter(({ path }) => pages.includes(path));
const promises = pages.flatMap((page) => sources.filter(({ path }) => path === page).flatMap(promisesIn));

/** These have fewer than two mutants. The list may only become shorter. */
const fewMutants: readonly string[] = [];

/** The beginnings of blocks that only explain, or give forms and names, on pages that consist of promises. */
const explaining: Readonly<Record<string, readonly string[]>> = {
  "docs/instance.md": ["Reference, for", "[protocol.md]"],
  "docs/protocol.md": [],
};

function unmarked(page: string): readonly string[] {
  const text = sources.find(({ path }) => path === page)?.text ?? "";
  const known = explaining[page] ?? [];
  return blocksOf(text)
    .filter((block) => !isMarked(block.text) && !known.some((start) => block.text.startsWith(start)))
    .map((block) => block.text);
}

describe("the promises of the documentation", () => {
  it("have a property each, and an id of their own", () => {
    const ids = promises.map(({ id }) => id);
    expect(promises.filter(({ property }) => !propertyIds.some((id) => id === property))).toEqual([]);
    expect(ids.filter((id, index) => ids.indexOf(id) !== index)).toEqual([]);
    expect(promises.length).toBeGreaterThan(100);
  });

  it("stand in every page that promises", () => {
    expect(pages.filter((page) => !promises.some((one) => one.page === page))).toEqual([]);
  });

  it("are all that docs/instance.md says", () => expect(unmarked("docs/instance.md")).toEqual([]));

  it("are every numbered rule of docs/protocol.md", () => {
    const rules = unmarked("docs/protocol.md").filter((text) => /^\d+\. /u.test(text));
    expect(rules).toEqual([]);
  });

  it("give every property something to judge, and a layer that decides it", () => {
    expect(propertyIds.filter((id) => !promises.some(({ property }) => property === id))).toEqual([]);
    expect(propertyIds.filter((id) => layersOf(id).length === 0)).toEqual([]);
  });

  it("are broken by at least two mutants a property, but for those listed", () => {
    expect(propertyIds.filter((id) => mutantsOf(id).length < 2)).toEqual(fewMutants);
  });

  it("are printed in docs/promises.md", async () => {
    await expect(promisesPage(promises)).toMatchFileSnapshot("../../../docs/promises.md");
  });

  it("are each in a range of their section there, and once", () => {
    const page = promisesPage(promises);
    const rows = [...page.matchAll(/^- \[([^\]]+)\]\S+: (.+)$/gmu)];
    const printed = rows.flatMap(([, section = "", ranges = ""]) =>
      ranges.split(", ").flatMap((range) => idsIn(range).map((id) => `${section} ${id}`)),
    );
    const written = promises.map(({ page: path, heading, id }) => `${path.replace("docs/", "")}: ${heading} ${id}`);
    expect([...printed].sort()).toEqual([...written].sort());
  });
});

/** `V4.1–V4.3` as three ids. */
function idsIn(range: string): readonly string[] {
  const [first = "", last = first] = range.split("–");
  const [property, least] = first.split(".");
  const most = Number(last.split(".")[1]);
  return Array.from({ length: most - Number(least) + 1 }, (_, index) => `${property}.${Number(least) + index}`);
}

describe("the ranges of promises", () => {
  it("join successive numbers of one property, in any order", () => {
    expect(rangesOf(["K7.10", "K7.9", "K7.2", "V1.1", "K7.11"])).toEqual(["K7.2", "K7.9–K7.11", "V1.1"]);
  });
});

describe("the reading of promises", () => {
  const read = (text: string) => promisesIn({ path: "docs/a.md", text: `# A\n\n## Here\n\n${text}\n` });

  it("finds the sentence before a mark, in its section", () => {
    expect(read("It never\nlies. [V2.1] It is fast. [B1.2]")).toEqual([
      { id: "V2.1", property: "V2", page: "docs/a.md", heading: "Here", text: "It never lies." },
      { id: "B1.2", property: "B1", page: "docs/a.md", heading: "Here", text: "It is fast." },
    ]);
  });

  it("gives two marks in a row the same sentence", () => {
    expect(read("- It never lies. [V2.1] [V4.1]").map(({ text }) => text)).toEqual([
      "It never lies.",
      "It never lies.",
    ]);
  });

  it("takes no link, and nothing in code, for a mark", () => {
    expect(read("See [V2](properties.md).\n\n```\na[V2.1]\n```")).toEqual([]);
  });
});
