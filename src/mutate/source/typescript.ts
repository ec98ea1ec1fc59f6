/**
 * Mutants of TypeScript by the standard operators of Stryker's instrumenter, and the text of each file with all of its mutants in it. The active one is
 * chosen while the program runs (worker/switch.ts), so that one copy of the sources carries them all.
 */
import { BrokenRunError, messageOf } from "../../evidence/failure.ts";
import { applied, type CodeMutant, idOf, placeOf } from "../mutant.ts";

export interface SourceText {
  /** From the root, with forward slashes. */
  readonly path: string;
  readonly text: string;
}

export interface Instrumented {
  readonly mutants: readonly CodeMutant[];
  /** The text of a file with its mutants. @param switchUrl from where it imports the switch */
  textOf(path: string, switchUrl: string): string;
}

/** @throws BrokenRunError where the instrumenter is not installed, or a file does not parse */
export async function instrument(sources: readonly SourceText[]): Promise<Instrumented> {
  const made = await instrumented(sources);
  const texts = new Map(sources.map(({ path, text }) => [path, text]));
  const mutants = made.mutants.map(({ fileName, id, location, mutatorName, replacement }): CodeMutant => {
    const text = texts.get(fileName) ?? "";
    const [start, end] = [offsetIn(text, location.start), offsetIn(text, location.end)];
    const edit = { file: fileName, start, end, replacement };
    return {
      ...edit,
      ...placeOf(text, start),
      id: idOf(fileName, applied(text, edit)),
      operator: mutatorName,
      original: text.slice(start, end),
      number: Number(id) + 1,
    };
  });
  const outputs = new Map(made.files.map(({ content, name }) => [name, content]));
  return {
    mutants,
    textOf: (path, switchUrl) => switched(outputs.get(path) ?? texts.get(path) ?? "", switchUrl),
  };
}

async function instrumented(sources: readonly SourceText[]) {
  try {
    const { createInstrumenter } = await import("@stryker-mutator/instrumenter");
    const { createInjector } = await import("typed-inject");
    const silent = { ...quiet, isTraceEnabled: off, isDebugEnabled: off, isInfoEnabled: off, isWarnEnabled: off };
    const injector = createInjector().provideValue("logger", { ...silent, isErrorEnabled: off, isFatalEnabled: off });
    const files = sources.map(({ path, text }) => ({ name: path, content: text, mutate: true }));
    const options = { plugins: null, excludedMutations: [], ignorers: [] };
    return await injector.injectFunction(createInstrumenter).instrument(files, options);
  } catch (error) {
    throw new BrokenRunError(
      `the sources could not be instrumented: ${messageOf(error)}`,
      { where: "src/mutate/source", fix: "run `npm ci` in a checkout: the published package cannot be mutated" },
      error,
    );
  }
}

const nothing = (): void => {};
const off = (): boolean => false;
const quiet = { trace: nothing, debug: nothing, info: nothing, warn: nothing, error: nothing, fatal: nothing };

/** Lines are counted from 0 by the instrumenter. */
function offsetIn(text: string, { column, line }: { readonly line: number; readonly column: number }): number {
  let start = 0;
  for (let passed = 0; passed < line; passed += 1) start = text.indexOf("\n", start) + 1;
  return start + column;
}

/** Numbers instead of texts, and two functions of ours instead of the instrumenter's own, which count every call in an object. */
function switched(text: string, switchUrl: string): string {
  const calls = text
    .replace(/stryMutAct_9fa48\("(\d+)"\)/g, (_, id: string) => `$isOn(${Number(id) + 1})`)
    .replace(/stryCov_9fa48\(((?:"\d+"(?:, )?)+)\)/g, (_, ids: string) => `$reach(${numbersIn(ids).join(", ")})`);
  return `import { isOn as $isOn, reach as $reach } from ${JSON.stringify(switchUrl)};${calls}`;
}

function numbersIn(ids: string): readonly number[] {
  return [...ids.matchAll(/\d+/g)].map(([id]) => Number(id) + 1);
}
