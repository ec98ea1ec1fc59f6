/** Every text of the page comes from the dictionary, and is there in both languages. */
import { parseSync } from "oxc-parser";
import { describe, expect, it } from "vitest";
import { faultKinds } from "../../../scenarios/declare/fault-kinds.ts";
import { texts } from "../../../src/report/texts/dictionary.ts";
import { faultNames, layerWords, modeWords } from "../../../src/report/texts/names.ts";
import { type Source, sourcesIn } from "../../house/sources.ts";

/** The constant parts of all `html` templates of a file. */
function htmlParts({ path, text }: Source): readonly string[] {
  const parts: string[] = [];
  const visit = (node: unknown): void => {
    if (Array.isArray(node)) node.forEach(visit);
    else if (typeof node === "object" && node !== null) {
      const { quasi, tag, type } = node as {
        type?: string;
        tag?: { name?: string };
        quasi?: { quasis: { value: { cooked: string } }[] };
      };
      if (type === "TaggedTemplateExpression" && tag?.name === "html" && quasi !== undefined) {
        parts.push(quasi.quasis.map(({ value }) => value.cooked).join("\u0000"));
      }
      Object.values(node).forEach(visit);
    }
  };
  visit(parseSync(path, text).program);
  return parts;
}

/** Returns the text that would be read on the page: neither tags nor their attributes. */
function readable(part: string): string {
  return part
    .replace(/<[^>]*>/g, " ")
    .replace(/<[^>]*$/, " ")
    .replace(/^[^<]*>/, " ")
    .replaceAll("\u0000", " ")
    .trim();
}

/** Units and names that are the same in every language. */
const allowed = /^(?:ms|UTC|Lockproof|P99|\?|[^\p{L}])*$/u;

const sources = ["src/report/page", "src/report/pictures"].flatMap((folder) => sourcesIn(folder));

describe("the templates of the page", () => {
  it("hold no text of their own", () => {
    const parts = sources.flatMap((source) =>
      htmlParts(source).map((part) => ({ path: source.path, text: readable(part) })),
    );
    expect(parts.length).toBeGreaterThan(60);
    expect(parts.filter(({ text }) => !allowed.test(text))).toEqual([]);
  });

  it("have no attribute with a text", () => {
    const parts = sources.flatMap(htmlParts).join("\n");
    expect(parts.match(/ (?:title|placeholder|alt|aria-label|aria-description)="/g)).toBeNull();
  });

  it("would be caught with one", () => {
    const [part = ""] = htmlParts({ path: "a.ts", text: 'const a = html`<p class="b">Held</p>`;' });
    expect(allowed.test(readable(part))).toBe(false);
  });
});

/** Stands for any argument of a text: words, a number, or three of them. */
const one = Object.assign(["1", "1", "1"], { en: "1", zh: "1", toString: () => "1" });

/** All pairs of texts below a value; functions are called with words that are the same in both. */
function pairs(value: unknown): readonly { readonly en: string; readonly zh: string }[] {
  if (typeof value === "function") return pairs(value(one, one, one));
  if (typeof value !== "object" || value === null) return [];
  if ("en" in value && "zh" in value) return [value as { en: string; zh: string }];
  return Object.values(value).flatMap(pairs);
}

describe("the dictionary", () => {
  it("has both languages of every text", () => {
    const all = pairs([texts, layerWords, modeWords]);
    expect(all.length).toBeGreaterThan(120);
    const names = ["Node", "Redis", "Toxiproxy", "English", "中文", "1/1", "1 of 1"];
    for (const { en, zh } of all) {
      expect(en.length * zh.length).toBeGreaterThan(0);
      if (names.includes(en) || names.includes(zh)) continue;
      expect(en, zh).not.toMatch(/\p{Script=Han}/u);
      expect(zh, en).toMatch(/\p{Script=Han}/u);
    }
  });

  it("names every fault", () => {
    expect(Object.keys(faultNames).toSorted()).toEqual(faultKinds.toSorted());
  });
});
