/** The text that an editor shows under the pointer, from the language service of TypeScript 5.9, the last with an API in JavaScript. */
import { createRequire } from "node:module";
import { join } from "node:path";

interface Part {
  readonly text: string;
}

interface QuickInfo {
  readonly displayParts?: readonly Part[];
  readonly documentation?: readonly Part[];
}

/** The part of the module `typescript` that is used here. */
interface TypeScript {
  readonly sys: Readonly<
    Record<"fileExists" | "readFile" | "readDirectory" | "directoryExists" | "getDirectories", unknown>
  > & {
    readFile(path: string): string | undefined;
  };
  readonly ScriptSnapshot: { fromString(text: string): unknown };
  readonly ScriptTarget: { readonly ES2024: number };
  readonly ModuleKind: { readonly NodeNext: number };
  readonly ModuleResolutionKind: { readonly NodeNext: number };
  getDefaultLibFilePath(options: object): string;
  createLanguageService(host: object): {
    getQuickInfoAtPosition(file: string, position: number): QuickInfo | undefined;
  };
}

/**
 * @param tools a folder in which npm has installed TypeScript and the types of Node
 * @param file a program, whose folder has the packages that it imports
 * @returns signature and documentation of the first place at which the program has this name after `after`
 */
export function hoverIn(tools: string, file: string): (name: string, after?: string) => string {
  const ts = createRequire(join(tools, "package.json"))("typescript") as TypeScript;
  const text = ts.sys.readFile(file) ?? "";
  const options = {
    target: ts.ScriptTarget.ES2024,
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    strict: true,
    typeRoots: [join(tools, "node_modules/@types")],
    types: ["node"],
  };
  const { directoryExists, fileExists, getDirectories, readDirectory, readFile } = ts.sys;
  const service = ts.createLanguageService({
    ...{ directoryExists, fileExists, getDirectories, readDirectory, readFile },
    getCompilationSettings: () => options,
    getCurrentDirectory: () => tools,
    getDefaultLibFileName: (chosen: object) => ts.getDefaultLibFilePath(chosen),
    getScriptFileNames: () => [file],
    getScriptVersion: () => "1",
    getScriptSnapshot: (path: string) => {
      const content = ts.sys.readFile(path);
      return content === undefined ? undefined : ts.ScriptSnapshot.fromString(content);
    },
  });
  return (name, after = "") => {
    const at = text.indexOf(name, text.indexOf(after));
    const { displayParts = [], documentation = [] } = service.getQuickInfoAtPosition(file, at) ?? {};
    const joined = (parts: readonly Part[]) => parts.map((part) => part.text).join("");
    return `${joined(displayParts)}\n${joined(documentation)}`;
  };
}
