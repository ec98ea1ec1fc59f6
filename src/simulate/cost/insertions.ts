/** Insertions into the text of a program that is to count or record where it runs. */
import type { SyntaxNode } from "../../check/locks/syntax.ts";

export interface Insertion {
  readonly at: number;
  readonly text: string;
}

export function withInsertions(text: string, insertions: readonly Insertion[]): string {
  return insertions
    .toSorted((one, other) => other.at - one.at)
    .reduce((all, { at, text: added }) => all.slice(0, at) + added + all.slice(at), text);
}

/** @param counting an expression */
export function inStatement(body: SyntaxNode, counting: string): readonly Insertion[] {
  if (body.type === "BlockStatement") return [{ at: body.start + 1, text: `${counting};` }];
  return [
    { at: body.start, text: `{${counting};` },
    { at: endOf(body), text: "}" },
  ];
}

export function inFunction(body: SyntaxNode, counting: string): readonly Insertion[] {
  if (body.type === "BlockStatement" || body.type === "FunctionBody")
    return [{ at: body.start + 1, text: `${counting};` }];
  return inExpression(body, counting);
}

export function inExpression(node: SyntaxNode, counting: string): readonly Insertion[] {
  return [
    { at: node.start, text: `(${counting}, ` },
    { at: endOf(node), text: ")" },
  ];
}

function endOf({ end }: SyntaxNode): number {
  if (typeof end === "number") return end;
  throw new RangeError("a node of the syntax tree has no end");
}
