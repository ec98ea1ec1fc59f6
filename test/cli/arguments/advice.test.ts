/** Advice names only flags that the command has, so that following it is never refused. */
import { describe, expect, it } from "vitest";
import { pathKinds } from "../../../src/cli/arguments/paths.ts";
import { createProgram } from "../../../src/cli/program.ts";
import { sourcesIn } from "../../house/sources.ts";
import { idleContext } from "../process/idle.ts";

const program = createProgram(idleContext, "0.0.0");

function flagsOf(name: string): readonly string[] {
  const command = program.commands.find((one) => one.name() === name);
  return [...(command?.options.map(({ long }) => long ?? "") ?? []), "--help"];
}

/** The command that reaches the folder; advice about another command names it. */
const commandOf: Readonly<Record<string, string>> = {
  "src/conform": "conform",
  "src/explore": "explore",
  "src/simulate": "simulate",
  "src/lockstep": "simulate",
  "src/inject": "inject",
  "src/bench": "bench",
  "src/reproduce": "reproduce",
  "src/history": "check",
  "src/report": "report",
};

interface Advice {
  readonly path: string;
  readonly text: string;
}

/** The text after each `fix:` of a file, up to the end of the property. */
function adviceIn(folder: string): readonly Advice[] {
  return sourcesIn(folder).flatMap(({ path, text }) =>
    [...text.matchAll(/\bfix(?:\s*[:=]|\()([\s\S]*?)(?:,\n|;\n|\n\s*\}| \})/g)].map(([, found = ""]) => ({
      path,
      text: found,
    })),
  );
}

/** `--dir of inject` and `lockproof check FILE --model node-jobs` name the command themselves. */
function foreignFlags({ path, text }: Advice, name: string): readonly string[] {
  return [...text.matchAll(/(?<![\w-])--[a-z][a-z-]*/g)].flatMap(([flag], index, all) => {
    const at = all[index]?.index ?? 0;
    const after = /^ of (\w+)/.exec(text.slice(at + flag.length))?.[1];
    const before = /lockproof (\w+)[^"`]*$/.exec(text.slice(0, at))?.[1];
    const named = after ?? before ?? name;
    const isOthers = /(?:npm|vitest) \w+[^"`]*$/.test(text.slice(0, at));
    return isOthers || flagsOf(named).includes(flag) ? [] : [`${path}: ${flag} is no flag of ${named}: ${text.trim()}`];
  });
}

describe("advice", () => {
  it.each(Object.entries(commandOf))("of %s names flags of %s", (folder, name) => {
    expect(adviceIn(folder).flatMap((advice) => foreignFlags(advice, name))).toEqual([]);
  });

  it("is found in the files, and a flag of another command is detected", () => {
    expect(Object.keys(commandOf).flatMap(adviceIn).length).toBeGreaterThan(60);
    const advice = { path: "here", text: '"choose another folder with --reports DIR"' };
    expect(foreignFlags(advice, "inject")).toHaveLength(1);
    expect(foreignFlags(advice, "verify")).toEqual([]);
    expect(foreignFlags({ path: "here", text: '"--reports of verify, --dir of inject"' }, "check")).toEqual([]);
  });
});

it("every flag that names a path is checked before a run, by its command where that reads what others write", () => {
  const flags = program.commands.flatMap((command) =>
    command.options
      .filter(({ flags }) => /<(?:file|dir|folder|path)>/.test(flags))
      .map(({ long }) => ({ long: long ?? "", own: `${command.name()} ${long}` })),
  );
  const isOwn = (own: string): boolean => own in pathKinds;
  const kinds = flags.map(({ long, own }) => (isOwn(own) ? own : long));
  expect([...new Set(kinds)].sort()).toEqual(Object.keys(pathKinds).sort());
});
