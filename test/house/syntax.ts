/** What a source file says, read from its syntax tree, so that comments and strings do not count. */
import { parseSync } from "oxc-parser";
import type { Source } from "./sources.ts";

interface SyntaxNode {
  readonly type: string;
  readonly [field: string]: unknown;
}

function isNode(value: unknown): value is SyntaxNode {
  return typeof value === "object" && value !== null && "type" in value && typeof value.type === "string";
}

/** @throws Error when the file does not parse */
function parse({ path, text }: Source) {
  const parsed = parseSync(path, text);
  const [error] = parsed.errors;
  if (error !== undefined) throw new Error(`${path}: ${error.message}`);
  return parsed;
}

/** The specifiers of all imports and re-exports, types and dynamic ones included. */
export function importsOf(source: Source): readonly string[] {
  const { module } = parse(source);
  const dynamic = module.dynamicImports.map(({ moduleRequest }) =>
    source.text.slice(moduleRequest.start + 1, moduleRequest.end - 1),
  );
  const passedOn = module.staticExports.flatMap((one) =>
    one.entries.flatMap((entry) => entry.moduleRequest?.value ?? []),
  );
  return [...new Set([...module.staticImports.map((one) => one.moduleRequest.value), ...passedOn, ...dynamic])];
}

/**
 * The dotted names that a file refers to: `Math.random`, `setTimeout`, `globalThis.Date`.
 * Names of properties (`clock.now`) count only with what they are properties of, and names being declared do not count.
 */
export function namesIn(source: Source): ReadonlySet<string> {
  const names = new Set<string>();
  visit(parse(source).program, names);
  return names;
}

function visit(node: unknown, names: Set<string>): void {
  if (Array.isArray(node)) for (const one of node) visit(one, names);
  if (!isNode(node)) return;
  const name = dotted(node);
  if (name !== undefined) names.add(name);
  for (const [field, child] of Object.entries(node)) {
    const isOnlyALabel = (field === "property" || field === "key") && node["computed"] !== true;
    if (!isOnlyALabel) visit(child, names);
  }
}

function dotted(node: SyntaxNode): string | undefined {
  if (node.type === "Identifier" && typeof node["name"] === "string") return node["name"];
  if (node.type !== "MemberExpression" || !isNode(node["object"]) || !isNode(node["property"])) return undefined;
  const object = dotted(node["object"]);
  const property = node["computed"] === true ? node["property"]["value"] : node["property"]["name"];
  return object === undefined || typeof property !== "string" ? undefined : `${object}.${property}`;
}
