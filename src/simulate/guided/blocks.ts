/**
 * Which blocks of the scheduler's source a run enters: functions, loops, cases, and the sides of conditions. A copy of the source is rewritten to report
 * the first time of each. V8's own block coverage would need no copy, but reports a block once a process, not once a run, and takes the whole heap of
 * scripts for every report (docs/benchmarks.md, "Guided simulation").
 */
import { isNode, lineOf, type SyntaxNode, treeOf, within } from "../../check/locks/syntax.ts";
import { type Insertion, inExpression, inFunction, inStatement, withInsertions } from "../cost/insertions.ts";
import { functions, loops } from "../cost/instrument.ts";

/** Far more than the scheduler and some mutants have. */
const most = 1 << 16;

class Blocks {
  /** 1: entered in this run. */
  readonly seen = new Uint8Array(most);
  readonly #names: string[] = [];
  readonly #numbers = new Map<string, number>();
  #entered: string[] = [];

  /** @throws RangeError where there are too many */
  numberOf(name: string): number {
    const known = this.#numbers.get(name);
    if (known !== undefined) return known;
    const number = this.#names.push(name) - 1;
    if (number >= most) throw new RangeError(`more than ${most} blocks of source`);
    this.#numbers.set(name, number);
    return number;
  }

  /** A run begins. */
  begin(): void {
    this.seen.fill(0, 0, this.#names.length);
    this.#entered = [];
  }

  first(number: number): void {
    this.seen[number] = 1;
    this.#entered.push(this.#names[number] as string);
  }

  /** Those entered for the first time since the last call. */
  take(): readonly string[] {
    const entered = this.#entered;
    if (entered.length > 0) this.#entered = [];
    return entered;
  }
}

export const blocks = new Blocks();

const name = "lockproof.blocks";
Object.defineProperty(globalThis, Symbol.for(name), { value: blocks, configurable: true });

/** @throws UnreadableSource for what does not parse */
export function withBlocks(text: string, path: string): string {
  const insertions: Insertion[] = [];
  const report = ({ start }: SyntaxNode): string => {
    const column = start - text.lastIndexOf("\n", start - 1);
    const number = blocks.numberOf(`${path}:${lineOf(text, start)}:${column}`);
    return `$seen[${number}] || $blocks.first(${number})`;
  };
  for (const node of within(treeOf({ path, text }))) insertions.push(...insertionsFor(node, report));
  const head = `const $blocks = globalThis[Symbol.for("${name}")]; const $seen = $blocks.seen;`;
  return `${head}${withInsertions(text, insertions)}`;
}

function insertionsFor(node: SyntaxNode, report: (of: SyntaxNode) => string): readonly Insertion[] {
  const { body, type } = node;
  if (type === "IfStatement")
    return [node["consequent"], node["alternate"]].filter(isNode).flatMap((side) => inStatement(side, report(side)));
  if (type === "ConditionalExpression")
    return [node["consequent"], node["alternate"]].filter(isNode).flatMap((side) => inExpression(side, report(side)));
  if (type === "LogicalExpression" && isNode(node["right"])) return inExpression(node["right"], report(node["right"]));
  if (type === "SwitchCase" && Array.isArray(node["consequent"])) {
    const first: unknown = node["consequent"][0];
    return isNode(first) ? [{ at: first.start, text: `${report(first)};` }] : [];
  }
  if (!isNode(body)) return [];
  if (loops.has(type)) return inStatement(body, report(body));
  return functions.has(type) ? inFunction(body, report(body)) : [];
}
