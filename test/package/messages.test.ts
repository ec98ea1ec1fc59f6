/** A message names no file that the installed package does not have. */
import { posix } from "node:path";
import { parseSync } from "oxc-parser";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { pathsIn, type Source, sourcesAtTop, sourcesIn } from "../house/sources.ts";
import { isNode, nodesIn, type SyntaxNode } from "./declarations.ts";

const { files } = z
  .object({ files: z.array(z.string()) })
  .parse(JSON.parse(sourcesAtTop("package.json")[0]?.text ?? ""));

/** The sources that the manifest ships; files that are compiled from them have other names. */
const shipped = new Set(
  files
    .filter((name) => !name.startsWith("dist"))
    .flatMap((name) =>
      name.includes("*")
        ? pathsIn(posix.dirname(name), [posix.basename(name).replace("*", "")])
        : [name, ...below(name)],
    ),
);

function below(name: string): readonly string[] {
  const isFolder = !posix.basename(name).includes(".");
  return isFolder ? pathsIn(name) : [];
}

const pathInText = /(?<![\w./-])(?:docs|src|scenarios|lua|model|test|examples)\/[\w./-]*\w/gu;

/** `path: what it names`, of the texts of a file. Comments and imports do not count. */
function named({ path, text }: Source): readonly string[] {
  return [...textsIn(parseSync(path, text).program as unknown as SyntaxNode)].flatMap((one) =>
    (one.match(pathInText) ?? []).map((name) => `${path}: ${name}`),
  );
}

function* textsIn(node: SyntaxNode): Generator<string> {
  if (/^(?:Import|Export(?:All|Named))/u.test(node.type) && isNode(node["source"])) return;
  const value = node.type === "TemplateElement" ? (node["value"] as { cooked?: string }).cooked : node["value"];
  if (typeof value === "string" && /^(?:Literal|TemplateElement)$/u.test(node.type)) yield value;
  for (const child of Object.values(node))
    for (const one of isNode(child) ? [child] : nodesIn(child)) yield* textsIn(one);
}

/** These find files, name their own folder as a bug report does, or need a checkout. */
const finders = [
  /^src\/mutate\//u,
  /^src\/mutants\//u,
  /^src\/check\/locks\//u,
  /^src\/cli\/mutate\//u,
  /^scenarios\/mutants\//u,
];

describe("messages of the program", () => {
  it("name only files that the package has", () => {
    const sources = ["src", "model", "scenarios"].flatMap((folder) => sourcesIn(folder));
    const texts = sources.filter(({ path }) => !finders.some((one) => one.test(path))).flatMap(named);
    expect(texts.length).toBeGreaterThan(20);
    expect(texts.filter((one) => !shipped.has(one.split(": ")[1] ?? ""))).toEqual([]);
  });

  it("are found in every kind of text, and nowhere else", () => {
    const text =
      'import "../docs/acl.md"; // docs/bench.md\nconst one = "see docs/ci.md, 1"; const two = `docs/cli.md`;';
    expect(named({ path: "src/check/x.ts", text })).toEqual([
      "src/check/x.ts: docs/ci.md",
      "src/check/x.ts: docs/cli.md",
    ]);
  });
});
