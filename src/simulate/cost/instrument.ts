/**
 * Counts what a scheduler computes. Virtual time does not pass while code runs, and no clock of the machine measures the same twice; so the source is
 * rewritten to count every function that is entered and every round of a loop, and each of those is charged what docs/simulation.md says it costs. What
 * it makes is counted too, for comparisons, and charged nothing.
 *
 * Work inside one built-in call (a sort of numbers, a regular expression, JSON) is not seen unless it calls back.
 */
import { isNode, treeOf, within } from "../../check/locks/syntax.ts";
import { type Insertion, inExpression, inFunction, inStatement, withInsertions } from "./insertions.ts";

/** How often code began a function or a round of a loop, and made an object, a list or a function, since the process began. */
export const work = { blocks: 0, objects: 0 };

const name = "lockproof.work";
Object.defineProperty(globalThis, Symbol.for(name), { value: work, configurable: true });

export const loops: ReadonlySet<string> = new Set([
  ...["ForStatement", "ForInStatement", "ForOfStatement", "WhileStatement", "DoWhileStatement"],
]);
export const functions: ReadonlySet<string> = new Set([
  ...["FunctionDeclaration", "FunctionExpression", "ArrowFunctionExpression"],
]);
const makers: ReadonlySet<string> = new Set([
  ...["ObjectExpression", "ArrayExpression", "NewExpression", "ArrowFunctionExpression"],
]);
const count = "$work.blocks++";
const countMade = "$work.objects++";

/** @throws UnreadableSource for what does not parse */
export function instrumented(text: string, path: string): string {
  const insertions: Insertion[] = [];
  for (const node of within(treeOf({ path, text }))) {
    const { body } = node;
    if (makers.has(node.type)) insertions.push(...inExpression(node, countMade));
    if (!isNode(body)) continue;
    if (loops.has(node.type)) insertions.push(...inStatement(body, count));
    else if (functions.has(node.type)) insertions.push(...inFunction(body, count));
  }
  // On the first line, so that every line of a stack is where it was.
  return `const $work = globalThis[Symbol.for("${name}")];${withInsertions(text, insertions)}`;
}
