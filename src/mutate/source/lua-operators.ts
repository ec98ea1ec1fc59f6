/** The operators for Lua, named as those of Stryker where they do the same. */

/** A node of the syntax tree, as luaparse gives it with ranges. */
export interface LuaNode {
  readonly type: string;
  /** Offsets in the text: `[start, end)`. */
  readonly range: readonly [number, number];
  readonly [field: string]: unknown;
}

interface Change {
  readonly operator: string;
  readonly start: number;
  readonly end: number;
  readonly replacement: string;
}

const comparisons: Readonly<Record<string, readonly string[]>> = {
  "<": ["<=", ">="],
  "<=": ["<", ">"],
  ">": [">=", "<="],
  ">=": [">", "<"],
  "==": ["~="],
  "~=": ["=="],
};
const arithmetic: Readonly<Record<string, readonly string[]>> = {
  "+": ["-"],
  "-": ["+"],
  "*": ["/"],
  "/": ["*"],
  "%": ["*"],
};
const logic: Readonly<Record<string, readonly string[]>> = { and: ["or"], or: ["and"] };

/** The changes of one node, without those of its children. */
export function changesOf(node: LuaNode, text: string): readonly Change[] {
  switch (node.type) {
    case "IfClause":
    case "ElseifClause":
    case "WhileStatement":
    case "RepeatStatement":
      return conditionChanges(node["condition"]);
    case "BinaryExpression":
      return [
        ...operatorChanges(node, text, "EqualityOperator", comparisons),
        ...operatorChanges(node, text, "ArithmeticOperator", arithmetic),
      ];
    case "LogicalExpression":
      return operatorChanges(node, text, "LogicalOperator", logic);
    case "UnaryExpression":
      return unaryChanges(node, text);
    case "BooleanLiteral":
    case "NumericLiteral":
    case "StringLiteral":
      return literalChanges(node, text);
    case "CallStatement":
    case "AssignmentStatement":
    case "ReturnStatement":
      return [change("StatementRemoval", node, "")];
    case "LocalStatement":
      return localChanges(node);
    default:
      return [];
  }
}

function change(operator: string, { range: [start, end] }: LuaNode, replacement: string): Change {
  return { operator, start, end, replacement };
}

function conditionChanges(condition: unknown): readonly Change[] {
  return isNode(condition) ? ["true", "false"].map((value) => change("ConditionalExpression", condition, value)) : [];
}

/** Changes the operator between the two sides, which may be in parentheses. */
function operatorChanges(
  node: LuaNode,
  text: string,
  operator: string,
  table: Readonly<Record<string, readonly string[]>>,
): readonly Change[] {
  const { left, operator: found, right } = node;
  if (typeof found !== "string" || !isNode(left) || !isNode(right)) return [];
  const start = text.indexOf(found, left.range[1]);
  const end = start + found.length;
  return (table[found] ?? []).map((replacement) => ({ operator, start, end, replacement }));
}

function unaryChanges(node: LuaNode, text: string): readonly Change[] {
  const { argument, operator } = node;
  if (!isNode(argument) || (operator !== "not" && operator !== "-")) return [];
  return [change("UnaryOperator", node, `(${text.slice(...argument.range)})`)];
}

function literalChanges(node: LuaNode, text: string): readonly Change[] {
  const raw = text.slice(...node.range);
  if (node.type === "BooleanLiteral") return [change("BooleanLiteral", node, raw === "true" ? "false" : "true")];
  if (node.type === "NumericLiteral") return [change("NumericLiteral", node, String(Number(raw) + 1))];
  return [change("StringLiteral", node, raw.length > "''".length ? "''" : "'lockproof'")];
}

/** A local variable without its value. A function is a statement of its own. */
function localChanges(node: LuaNode): readonly Change[] {
  const { init, variables } = node;
  const [first] = Array.isArray(init) ? init : [];
  const last = Array.isArray(variables) ? variables.at(-1) : undefined;
  if (!isNode(first) || !isNode(last)) return [];
  return [{ operator: "StatementRemoval", start: last.range[1], end: node.range[1], replacement: "" }];
}

function isNode(value: unknown): value is LuaNode {
  return typeof value === "object" && value !== null && "type" in value && "range" in value;
}
