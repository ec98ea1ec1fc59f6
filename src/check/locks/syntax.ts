/** Sources as trees (TypeScript) and as tokens (Lua), so that comments never count. */
import { parseSync } from "oxc-parser";

export interface SourceText {
  /** From the root of the project, with forward slashes. */
  readonly path: string;
  readonly text: string;
}

export interface SyntaxNode {
  readonly type: string;
  readonly start: number;
  readonly [field: string]: unknown;
}

/** A source that does not parse: nothing can be said about it. */
export class UnreadableSource extends Error {
  override readonly name = "UnreadableSource";
}

/** @throws UnreadableSource */
export function treeOf({ path, text }: SourceText): SyntaxNode {
  const { errors, program } = parseSync(path, text);
  const [error] = errors;
  if (error !== undefined) throw new UnreadableSource(`${path}: ${error.message}`);
  if (!isNode(program)) throw new UnreadableSource(`${path}: no program`);
  return program;
}

export function isNode(value: unknown): value is SyntaxNode {
  return typeof value === "object" && value !== null && "type" in value && typeof value.type === "string";
}

export function childrenOf(node: SyntaxNode): readonly SyntaxNode[] {
  return Object.values(node).flatMap((value) =>
    Array.isArray(value) ? value.filter(isNode) : isNode(value) ? [value] : [],
  );
}

/** The node and everything in it, from the outside in. */
export function* within(node: SyntaxNode): Generator<SyntaxNode> {
  yield node;
  for (const child of childrenOf(node)) yield* within(child);
}

/** The name of an identifier, `#name` of a private one, the text of a string; null for anything else. */
export function nameOf(node: unknown): string | null {
  if (!isNode(node)) return null;
  if (node.type === "Identifier" && typeof node["name"] === "string") return node["name"];
  if (node.type === "PrivateIdentifier" && typeof node["name"] === "string") return `#${node["name"]}`;
  return stringOf(node);
}

export function stringOf(node: unknown): string | null {
  if (!isNode(node)) return null;
  if (node.type === "Literal" && typeof node["value"] === "string") return node["value"];
  return null;
}

export function lineOf(text: string, start: number): number {
  return text.slice(0, start).split("\n").length;
}

export interface LuaToken {
  readonly kind: "name" | "string" | "mark";
  readonly text: string;
  readonly start: number;
}

const luaToken =
  /--\[(=*)\[[\s\S]*?\]\1\]|--[^\n]*|\[(=*)\[([\s\S]*?)\]\2\]|'((?:\\[\s\S]|[^'\\\n])*)'|"((?:\\[\s\S]|[^"\\\n])*)"|([A-Za-z_]\w*)|(\S)/g;

/** Names, strings and single marks, in order; comments are left out, numbers are marks. */
export function luaTokens(text: string): readonly LuaToken[] {
  return [...text.matchAll(luaToken)].flatMap((match): LuaToken[] => {
    const [, , , long, single, double, name, mark] = match;
    const start = match.index;
    const string = long ?? single ?? double;
    if (string !== undefined) return [{ kind: "string", text: string, start }];
    if (name !== undefined) return [{ kind: "name", text: name, start }];
    return mark === undefined ? [] : [{ kind: "mark", text: mark, start }];
  });
}
