/** The declarations that the package publishes, built by the compiler, and what a program can name of them. */
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, posix, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { parseSync } from "oxc-parser";

const root = fileURLToPath(new URL("../..", import.meta.url));

export interface SyntaxNode {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly [field: string]: unknown;
}

/** One named type, function, class or constant. */
export interface Declaration {
  /** The path of the file, below the folder of the declarations. */
  readonly path: string;
  readonly name: string;
  readonly node: SyntaxNode;
  /** Its text, without comments. */
  readonly text: string;
  readonly isExported: boolean;
}

interface Place {
  readonly path: string;
  readonly name: string;
}

interface Comment {
  readonly type: string;
  readonly value: string;
  readonly start: number;
  readonly end: number;
}

interface File {
  readonly path: string;
  readonly text: string;
  readonly comments: readonly Comment[];
  readonly declarations: ReadonlyMap<string, Declaration>;
  /** Local name -> where it is declared. */
  readonly imports: ReadonlyMap<string, Place>;
  /** Exported name -> where it is declared, or passed on. */
  readonly exports: ReadonlyMap<string, Place>;
  /** Files of which everything is passed on. */
  readonly all: readonly string[];
}

/** The built declarations; disposing removes them. */
export class Declarations implements Disposable {
  readonly #folder = mkdtempSync(join(tmpdir(), "lockproof-types-"));
  readonly #files = new Map<string, File>();

  constructor() {
    const words = ["-p", "src/tsconfig.types.json", "--outDir", this.#folder];
    execFileSync(join(root, "node_modules/.bin/tsc"), words, { cwd: root, stdio: "pipe" });
  }

  [Symbol.dispose](): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** Returns the exports of `path`, by name. */
  exportsOf(path: string): ReadonlyMap<string, Declaration> {
    const file = this.#file(path);
    const own = [...file.exports].map(([name, place]) => [name, this.#declarationAt(place)] as const);
    const found = own.filter((entry): entry is readonly [string, Declaration] => entry[1] !== null);
    return new Map([...file.all.flatMap((other) => [...this.exportsOf(other)]), ...found]);
  }

  /** `name in path` of each type that what `path` exports is declared with, and that no entry point exports. @param entries all of them */
  unnameable(path: string, entries: readonly string[]): readonly string[] {
    const queue = [...this.exportsOf(path).values()];
    const known = new Set([...queue, ...entries.flatMap((entry) => [...this.exportsOf(entry).values()])].map(keyOf));
    const missing = new Set<string>();
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      for (const used of this.usedBy(next)) {
        if (known.has(keyOf(used))) continue;
        known.add(keyOf(used));
        missing.add(`${used.name} in ${used.path}`);
        queue.push(used);
      }
    }
    return [...missing].sort();
  }

  /** The declarations of the package that this one names. */
  usedBy({ node, path }: Declaration): readonly Declaration[] {
    const own = new Set(parametersIn(node));
    const names = [...new Set(namesIn(node))].filter((name) => !own.has(name));
    return names.flatMap((name) => this.#declarationAt({ path, name }) ?? []);
  }

  /** The comment right before a member or a declaration; "" where there is none. */
  commentOf(path: string, { start }: SyntaxNode): string {
    const { comments, text } = this.#file(path);
    const before = comments.findLast((comment) => comment.end <= start && comment.type === "Block");
    const between = before === undefined ? "" : text.slice(before.end, start);
    if (before === undefined || !/^\s*(?:export\s+(?:declare\s+)?)?$/u.test(between)) return "";
    return before.value
      .replaceAll(/\s*\n\s*\*?\s*/gu, " ")
      .replace(/^\*\s*/u, "")
      .trim();
  }

  #declarationAt({ name, path }: Place): Declaration | null {
    const file = this.#file(path);
    const place = file.imports.get(name);
    return (
      file.declarations.get(name) ?? (place === undefined ? null : (this.exportsOf(place.path).get(place.name) ?? null))
    );
  }

  #file(path: string): File {
    const known = this.#files.get(path);
    if (known !== undefined) return known;
    const full = join(this.#folder, path);
    const read = fileOf(relative(this.#folder, full), readFileSync(full, "utf8"), (name) =>
      existsSync(join(this.#folder, name)),
    );
    this.#files.set(path, read);
    return read;
  }
}

const keyOf = ({ name, path }: Pick<Declaration, "name" | "path">): string => `${path} ${name}`;

type Exists = (path: string) => boolean;

function fileOf(path: string, text: string, exists: Exists): File {
  const { comments, errors, program } = parseSync(path, text);
  if (errors[0] !== undefined) throw new Error(`${path}: ${errors[0].message}`);
  const declarations = new Map<string, Declaration>();
  const imports = new Map<string, Place>();
  const exports = new Map<string, Place>();
  const all: string[] = [];
  const bare = (node: SyntaxNode): string => textWithout(comments, text, node);
  for (const statement of program.body as unknown as readonly SyntaxNode[]) {
    const from = sourceOf(statement);
    const target = from === null ? null : resolved(path, from, exists);
    if (statement.type === "ImportDeclaration" && target !== null)
      for (const one of nodesIn(statement["specifiers"]))
        imports.set(identifier(one["local"]), { path: target, name: identifier(one["imported"] ?? one["local"]) });
    if (statement.type === "ExportAllDeclaration" && target !== null) all.push(target);
    const declared = isNode(statement["declaration"]) ? statement["declaration"] : statement;
    const isExported = declared !== statement;
    for (const [name, node] of declaredBy(declared)) {
      declarations.set(name, { path, name, node, text: bare(node), isExported });
      if (isExported) exports.set(name, { path, name });
    }
    if (statement.type === "ExportNamedDeclaration" && !isExported)
      for (const one of nodesIn(statement["specifiers"])) {
        const local = identifier(one["local"]);
        if (from !== null && target !== null) imports.set(`export ${local}`, { path: target, name: local });
        const name = from === null ? local : `export ${local}`;
        exports.set(identifier(one["exported"]), { path, name });
      }
  }
  return { path, text, comments, declarations, imports, exports, all };
}

function resolved(path: string, specifier: string, exists: Exists): string | null {
  if (!specifier.startsWith(".")) return null;
  const found = posix.normalize(posix.join(dirname(path), specifier)).replace(/\.(?:ts|js)$/u, ".d.ts");
  return exists(found) ? found : null;
}

function* declaredBy(node: SyntaxNode): Generator<readonly [string, SyntaxNode]> {
  if (node.type === "VariableDeclaration")
    for (const one of nodesIn(node["declarations"])) yield [identifier(one["id"]), node];
  else if (isNode(node["id"]) && /Declaration|TSDeclareFunction/u.test(node.type)) yield [identifier(node["id"]), node];
}

function textWithout(comments: readonly Comment[], text: string, { end, start }: SyntaxNode): string {
  let result = "";
  let at = start;
  for (const comment of comments.filter((one) => one.start >= start && one.end <= end)) {
    result += text.slice(at, comment.start);
    at = comment.end;
  }
  return (result + text.slice(at, end))
    .split("\n")
    .map((line) => line.trimEnd())
    .filter((line) => line !== "")
    .join("\n");
}

/** The names of types and values that a declaration refers to, outside its own. */
function* namesIn(node: SyntaxNode): Generator<string> {
  for (const field of ["typeName", "exprName", "superClass"]) {
    const name = node[field];
    if (isNode(name) && name.type === "Identifier") yield identifier(name);
  }
  if (node.type === "TSInterfaceHeritage" || node.type === "TSClassImplements") yield identifier(node["expression"]);
  for (const child of childrenOf(node)) yield* namesIn(child);
}

function* parametersIn(node: SyntaxNode): Generator<string> {
  if (node.type === "TSTypeParameter") yield identifier(node["name"]);
  if (node.type === "TSMappedType" && isNode(node["key"])) yield identifier(node["key"]);
  for (const child of childrenOf(node)) yield* parametersIn(child);
}

function sourceOf(statement: SyntaxNode): string | null {
  const source = statement["source"];
  return isNode(source) && typeof source["value"] === "string" ? source["value"] : null;
}

function identifier(node: unknown): string {
  if (typeof node === "string") return node;
  const name = isNode(node) ? (node["name"] ?? node["value"]) : "";
  return typeof name === "string" ? name : "";
}

export function nodesIn(value: unknown): readonly SyntaxNode[] {
  return Array.isArray(value) ? value.filter(isNode) : [];
}

function childrenOf(node: SyntaxNode): readonly SyntaxNode[] {
  return Object.values(node).flatMap((value) => (isNode(value) ? [value] : nodesIn(value)));
}

export function isNode(value: unknown): value is SyntaxNode {
  return typeof value === "object" && value !== null && "type" in value && typeof value.type === "string";
}

/** The members of an interface, by name. */
export function membersOf({ node }: Declaration): ReadonlyMap<string, SyntaxNode> {
  const body = isNode(node["body"]) ? nodesIn(node["body"]["body"]) : [];
  return new Map(body.map((member) => [identifier(member["key"]), member]));
}
