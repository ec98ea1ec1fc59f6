/**
 * K4, second half: nothing between the view and the selection's result waits. Every function that selection can reach is read; calls are
 * followed by name, through the files that a file imports, so one function too many may be read but none too few. What is handed in from
 * outside (a clock, an observer) is seen only by its declared type.
 */
import { posix } from "node:path";
import { childrenOf, isNode, lineOf, nameOf, type SourceText, type SyntaxNode, treeOf, within } from "./syntax.ts";

export interface SelectionPath {
  readonly found: readonly string[];
  /** `path name` of each function that was read, in order of discovery. */
  readonly functions: readonly string[];
}

interface Named {
  readonly file: File;
  readonly name: string;
  readonly node: SyntaxNode;
}

interface File {
  readonly source: SourceText;
  readonly named: readonly Named[];
  readonly imports: readonly string[];
}

/** @param roots `path name`: where selection begins; one that is not there is an offence, or nothing would have been searched
 * @throws UnreadableSource
 */
export function selectionPath(
  sources: readonly SourceText[],
  roots: readonly (readonly [string, string])[],
): SelectionPath {
  const files = new Map(sources.map((source) => [source.path, fileOf(source)]));
  const found: string[] = [];
  const queue: Named[] = [];
  for (const [path, name] of roots) {
    const begin = files.get(path)?.named.filter((one) => one.name === name) ?? [];
    if (begin.length === 0) found.push(`${path} has no ${name}: nothing was searched`);
    queue.push(...begin);
  }
  const read = new Set<Named>();
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
    if (read.has(next)) continue;
    read.add(next);
    found.push(...waitsOf(next));
    queue.push(...calledBy(next, files));
  }
  return { found: [...new Set(found)], functions: [...read].map(({ file, name }) => `${file.source.path} ${name}`) };
}

function fileOf(source: SourceText): File {
  const named: Named[] = [];
  const imports: string[] = [];
  const file: File = { source, named, imports };
  for (const node of within(treeOf(source))) {
    const specifier = node.type === "ImportDeclaration" && isNode(node["source"]) ? nameOf(node["source"]) : null;
    if (specifier?.startsWith(".")) imports.push(posix.normalize(posix.join(posix.dirname(source.path), specifier)));
    const name = definedBy(node);
    if (name !== null) named.push({ file, name, node });
  }
  return file;
}

const definitions: Readonly<Record<string, string>> = {
  FunctionDeclaration: "id",
  VariableDeclarator: "id",
  MethodDefinition: "key",
  PropertyDefinition: "key",
  TSMethodSignature: "key",
  TSPropertySignature: "key",
  AssignmentExpression: "left",
  Property: "key",
};

/** Returns the name that the node gives to a function, or to something that may hold one; null: none. */
function definedBy(node: SyntaxNode): string | null {
  const field = definitions[node.type];
  if (field === undefined) return null;
  const target = node[field];
  if (node.type === "AssignmentExpression") {
    return isNode(target) && target.type === "MemberExpression" ? nameOf(target["property"]) : null;
  }
  if (node.type === "VariableDeclarator" || node.type === "Property")
    return isFunction(valueIn(node)) ? nameOf(target) : null;
  return nameOf(target);
}

function valueIn(node: SyntaxNode): unknown {
  return node.type === "VariableDeclarator" ? node["init"] : node["value"];
}

function isFunction(value: unknown): boolean {
  return isNode(value) && (value.type === "ArrowFunctionExpression" || value.type === "FunctionExpression");
}

const waiting: ReadonlySet<string> = new Set([
  "Promise",
  "PromiseLike",
  "AsyncGenerator",
  "AsyncIterable",
  "AsyncIterator",
]);
const deferring: ReadonlySet<string> = new Set([
  "queueMicrotask",
  "setTimeout",
  "setImmediate",
  "setInterval",
  "then",
  "nextTick",
]);

function waitsOf({ file, name, node }: Named): readonly string[] {
  const { path, text } = file.source;
  return [...within(node)].flatMap((inner) => {
    const what = waitIn(inner);
    return what === null ? [] : [`${path}:${lineOf(text, inner.start)} ${what} in ${name}, on the way of a selection`];
  });
}

function waitIn(node: SyntaxNode): string | null {
  if (node["async"] === true) return "an async function";
  if (node.type === "AwaitExpression") return "an await";
  if (node.type === "ForOfStatement" && node["await"] === true) return "a for await";
  const name = node.type === "Identifier" ? nameOf(node) : null;
  if (name !== null && waiting.has(name)) return `a ${name}`;
  return name !== null && deferring.has(name) ? `the name ${name}` : null;
}

/** Returns the functions that this one calls, and the getters that it reads. */
function calledBy(from: Named, files: ReadonlyMap<string, File>): readonly Named[] {
  const here = [...within(from.node)];
  const calls = here.flatMap((node) =>
    node.type === "CallExpression" && isNode(node["callee"]) ? [node["callee"]] : [],
  );
  const reads = here.filter(({ type }) => type === "MemberExpression");
  const own = calls.flatMap((callee) => (callee.type === "Identifier" ? byName(from.file, nameOf(callee), files) : []));
  const members = reads.flatMap((member) => byMember(from.file, member, files, calls.includes(member)));
  const destructured = here.flatMap((node) => (node.type === "ObjectPattern" ? childrenOf(node) : []));
  const taken = destructured.flatMap((property) => getters(from.file, nameOf(property["key"]), files));
  return [...own, ...members, ...taken];
}

/** Its own file's function of that name, or what an import of it may bring. */
function byName(file: File, name: string | null, files: ReadonlyMap<string, File>): readonly Named[] {
  return [file, ...imported(file, files)].flatMap(({ named }) => named.filter((one) => one.name === name));
}

function byMember(file: File, member: SyntaxNode, files: ReadonlyMap<string, File>, isCall: boolean): readonly Named[] {
  const name = nameOf(member["property"]);
  if (!isCall) return getters(file, name, files);
  const isOwn = isNode(member["object"]) && member["object"].type === "ThisExpression";
  const where = isOwn ? [file] : reachable(file, files);
  return where.flatMap(({ named }) =>
    named.filter((one) => one.name === name && one.node.type !== "TSPropertySignature"),
  );
}

function getters(file: File, name: string | null, files: ReadonlyMap<string, File>): readonly Named[] {
  return reachable(file, files).flatMap(({ named }) =>
    named.filter((one) => one.name === name && one.node["kind"] === "get" && one.node.type === "MethodDefinition"),
  );
}

function imported(file: File, files: ReadonlyMap<string, File>): readonly File[] {
  return file.imports.flatMap((path) => files.get(path) ?? []);
}

/** The file and what it imports, and what that imports, and so on. */
function reachable(file: File, files: ReadonlyMap<string, File>): readonly File[] {
  const reached = new Set([file]);
  for (const one of reached) for (const next of imported(one, files)) reached.add(next);
  return [...reached];
}
