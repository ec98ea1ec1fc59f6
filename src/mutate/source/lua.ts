/** Mutants of the Lua scripts: each is one replaced part of the text of one file. */
import { parse } from "luaparse";
import { BrokenRunError, messageOf } from "../../evidence/failure.ts";
import { applied, type CodeMutant, type Edit, idOf, placeOf } from "../mutant.ts";
import { changesOf, type LuaNode } from "./lua-operators.ts";
import type { SourceText } from "./typescript.ts";

/** @throws BrokenRunError for a script that does not parse */
export function luaMutants({ path, text }: SourceText): readonly CodeMutant[] {
  const tree = treeOf(path, text);
  return [...within(tree)]
    .flatMap((node) => changesOf(node, text))
    .filter(({ end, replacement, start }) => text.slice(start, end) !== replacement)
    .map(({ end, operator, replacement, start }) => ({
      ...placeOf(text, start),
      ...{ file: path, start, end, replacement, operator },
      id: idOf(path, applied(text, { start, end, replacement })),
      original: text.slice(start, end),
      number: 0,
    }))
    .sort((one, other) => one.start - other.start || one.end - other.end);
}

/** The change that raises an error where the mutant's place runs: a run that does not notice it never reaches the place. */
export function probeOf({ end, file, operator, original, start }: CodeMutant): Edit {
  const failure = "error('lockproof reached this')";
  const isOperator = !expressions.has(operator) && operator !== "StatementRemoval";
  const isValue = original.trimStart().startsWith("="); // of a local variable
  const statement = isValue ? ` = ${failure}` : `do ${failure} end ${original}`;
  const expression = isOperator ? ` + ${failure} + ` : failure;
  return { file, start, end, replacement: operator === "StatementRemoval" ? statement : expression };
}

/** Their changes replace a whole expression; those of the other operators replace the sign between two. */
const expressions: ReadonlySet<string> = new Set([
  ...["ConditionalExpression", "UnaryOperator", "BooleanLiteral", "NumericLiteral", "StringLiteral"],
]);

function treeOf(path: string, text: string): LuaNode {
  try {
    return parse(text, { luaVersion: "5.1", ranges: true, comments: false }) as unknown as LuaNode;
  } catch (error) {
    const where = { where: path, fix: "mend the script, and run it again" };
    throw new BrokenRunError(`the script ${path} does not parse: ${messageOf(error)}`, where, error);
  }
}

function* within(node: LuaNode): Generator<LuaNode> {
  yield node;
  for (const value of Object.values(node)) {
    for (const child of Array.isArray(value) ? value : [value]) if (isNode(child)) yield* within(child);
  }
}

function isNode(value: unknown): value is LuaNode {
  return typeof value === "object" && value !== null && "type" in value && "range" in value;
}
