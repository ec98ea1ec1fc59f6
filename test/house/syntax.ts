/** Facts about a source file, read from its syntax tree, so that comments and strings do not count. */
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

/** The names of all exports, types included; no `default`. */
export function exportsOf(source: Source): readonly string[] {
  const { module } = parse(source);
  return module.staticExports.flatMap(({ entries }) =>
    entries.flatMap(({ exportName: { kind, name } }) => (kind === "Name" && name !== null ? [name] : [])),
  );
}

/** The kinds of the top-level statements that are there when the program runs: all but types. */
export function statementsThatRun(source: Source): readonly string[] {
  return parse(source).program.body.flatMap((statement) => {
    const { exportKind, importKind, type } = statement as { exportKind?: string; importKind?: string; type: string };
    const isType = exportKind === "type" || importKind === "type" || /^TS(Interface|TypeAlias)/.test(type);
    return isType ? [] : [type];
  });
}

/**
 * The dotted names that a file refers to: `Math.random`, `setTimeout`, `globalThis.Date`.
 * Names of properties (`clock.now`) count only together with their object, and declared names do not count.
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

export interface FunctionShape {
  /** The named functions and classes around it, then its own name: `ShardQueue.take`. */
  readonly name: string;
  readonly lines: number;
  readonly parameters: number;
}

const functionTypes: readonly string[] = ["FunctionDeclaration", "FunctionExpression", "ArrowFunctionExpression"];
const classTypes: readonly string[] = ["ClassDeclaration", "ClassExpression"];

/** Every function of a file that has a body: declared, assigned, passed as an argument, or the method of a class. */
export function functionsOf(source: Source): readonly FunctionShape[] {
  const found: FunctionShape[] = [];
  collectFunctions(parse(source).program, { names: [], own: "anonymous" }, (node, name) => {
    const text = source.text.slice(Number(node["start"]), Number(node["end"]));
    const parameters = Array.isArray(node["params"]) ? node["params"].length : 0;
    found.push({ name, lines: text.split("\n").length, parameters });
  });
  return found;
}

interface Surroundings {
  /** The named functions and classes around a node, the outermost first. */
  readonly names: readonly string[];
  /** The name that a function here is bound to: its variable's, property's or method's. */
  readonly own: string;
}

function collectFunctions(node: unknown, around: Surroundings, report: (node: SyntaxNode, name: string) => void): void {
  if (Array.isArray(node)) for (const one of node) collectFunctions(one, around, report);
  if (!isNode(node)) return;
  const own = boundName(node) ?? around.own;
  const isFunction = functionTypes.includes(node.type);
  if (isFunction) report(node, [...around.names, own].join("."));
  const isScope = isFunction || classTypes.includes(node.type);
  const within = isScope ? { names: [...around.names, own], own: "anonymous" } : { names: around.names, own };
  for (const child of Object.values(node)) collectFunctions(child, within, report);
}

/** The name that this node gives to a function inside it. */
function boundName(node: SyntaxNode): string | undefined {
  const label = node["id"] ?? node["key"];
  return isNode(label) && typeof label["name"] === "string" ? label["name"] : undefined;
}
