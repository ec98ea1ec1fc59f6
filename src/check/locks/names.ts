/** K4, first half: no lock-like name, package or command in scripts and code. */

import {
  childrenOf,
  isNode,
  lineOf,
  luaTokens,
  nameOf,
  type SourceText,
  type SyntaxNode,
  stringOf,
  treeOf,
} from "./syntax.ts";
import { isLockCommand, isLockingSet, isLockName, isLockPackage } from "./words.ts";

/** One line for each offence: `path:line what it is`. @throws UnreadableSource */
export function lockNames(source: SourceText): readonly string[] {
  return source.path.endsWith(".lua") ? inLua(source) : inCode(source);
}

function inLua({ path, text }: SourceText): readonly string[] {
  const tokens = luaTokens(text);
  return tokens.flatMap((token, index) => {
    const at = `${path}:${lineOf(text, token.start)}`;
    if (token.kind === "name") return isLockName(token.text) ? [`${at} the name ${token.text}`] : [];
    if (token.kind === "mark") return [];
    if (isLockCommand(token.text)) return [`${at} the command ${token.text}`];
    return isLockingSet(token.text, argumentsAfter(tokens.slice(index + 1))) ? [`${at} the command SET with NX`] : [];
  });
}

/** The strings up to the end of the call. */
function argumentsAfter(tokens: readonly { readonly kind: string; readonly text: string }[]): readonly string[] {
  const strings: string[] = [];
  let depth = 0;
  for (const { kind, text } of tokens) {
    if (kind === "string") strings.push(text);
    else if (text === "(" || text === "{") depth++;
    else if ((text === ")" || text === "}") && --depth < 0) break;
  }
  return strings;
}

function inCode(source: SourceText): readonly string[] {
  const found = new Set<string>();
  const tell = (node: SyntaxNode, what: string) =>
    found.add(`${source.path}:${lineOf(source.text, node.start)} ${what}`);
  look(treeOf(source), tell);
  return [...found];
}

type Tell = (node: SyntaxNode, what: string) => void;

function look(node: SyntaxNode, tell: Tell): void {
  const specifier =
    node.type === "ImportDeclaration" || node.type === "ImportExpression" ? stringOf(node["source"]) : null;
  if (specifier !== null && isLockPackage(specifier)) tell(node, `the package ${specifier}`);
  const name = identifierOf(node);
  if (name !== null && isLockName(name)) tell(node, `the name ${name}`);
  const string = stringOf(node) ?? templateOf(node);
  if (string !== null && string === string.toUpperCase() && isLockCommand(string)) tell(node, `the command ${string}`);
  if (node.type === "CallExpression") for (const command of sentBy(node)) tell(node, `the command ${command}`);
  for (const child of childrenOf(node)) look(child, tell);
}

function identifierOf(node: SyntaxNode): string | null {
  if (node.type === "Identifier" || node.type === "PrivateIdentifier") return nameOf(node);
  if (node.type !== "MemberExpression") return null;
  const [object, property] = [nameOf(node["object"]), nameOf(node["property"])];
  return object === "Atomics" && property !== null ? `${object}.${property}` : null;
}

/** A template without holes is a string too. */
function templateOf(node: SyntaxNode): string | null {
  if (node.type !== "TemplateElement" || !isValue(node["value"])) return null;
  return node["value"].cooked;
}

function isValue(value: unknown): value is { readonly cooked: string } {
  return typeof value === "object" && value !== null && "cooked" in value && typeof value.cooked === "string";
}

/**
 * `client.watch(key)`, `client.call("wait", 1, 0)`, `client.set(key, value, "PX", 50, "NX")`, `send(["set", key, value, "nx"])`,
 * `client.set(key, value, { NX: true })`.
 */
function sentBy(call: SyntaxNode): readonly string[] {
  const callee = call["callee"];
  const method = isNode(callee) && callee.type === "MemberExpression" ? (nameOf(callee["property"]) ?? "") : "";
  const [first = "", ...rest] = argumentsOf(call).flatMap(wordsOf);
  const options = argumentsOf(call).slice(1).flatMap(wordsOf);
  const commands = [method, first].filter(isLockCommand);
  return isLockingSet(method, options) || isLockingSet(first, rest) ? [...commands, "SET with NX"] : commands;
}

function argumentsOf(call: SyntaxNode): readonly SyntaxNode[] {
  return Array.isArray(call["arguments"]) ? call["arguments"].filter(isNode) : [];
}

function wordsOf(node: SyntaxNode): readonly string[] {
  const string = stringOf(node);
  if (string !== null) return [string];
  if (node.type === "ArrayExpression") return childrenOf(node).flatMap(wordsOf);
  if (node.type === "ObjectExpression") return childrenOf(node).flatMap(({ key }) => nameOf(key) ?? []);
  return [];
}
