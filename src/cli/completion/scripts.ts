// cspell:ignore compdef compgen COMPREPLY CWORD funcstack
/** The completion scripts of the shells. They hold the words of the table, and start no program. */
import type { CommandRow } from "./table.ts";

export const shells = ["bash", "zsh", "fish"] as const;

type Printer = (rows: readonly CommandRow[]) => readonly string[];

export const completions: Readonly<Record<(typeof shells)[number], Printer>> = { bash, zsh, fish };

const wordsOf = ({ commands, flags }: CommandRow): string => [...commands, ...flags.map(({ name }) => name)].join(" ");

/** The command is what stands before the first flag. Where no word fits, files are completed. */
function bash(rows: readonly CommandRow[]): readonly string[] {
  return [
    "_lockproof() {",
    '  local word command="" words',
    `  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do`,
    '    case "$word" in -*) break ;; esac',
    `    command="\${command:+$command }$word"`,
    "  done",
    '  case "$command" in',
    ...rows
      .map((row) => `    ${row.name === "" ? '""' : `"${row.name}"|"${row.name} "*`}) words="${wordsOf(row)}" ;;`)
      .reverse(),
    '    *) words="" ;;',
    "  esac",
    `  COMPREPLY=($(compgen -W "$words" -- "\${COMP_WORDS[COMP_CWORD]}"))`,
    "}",
    "complete -o default -F _lockproof lockproof",
  ];
}

function zsh(rows: readonly CommandRow[]): readonly string[] {
  const textOf = new Map(rows.map(({ name, text }) => [name, text]));
  const described = (name: string, text: string) => `'${escaped(name)}:${escaped(text)}'`;
  return [
    "#compdef lockproof",
    "_lockproof() {",
    '  local command=""',
    "  local -a entries",
    `  for word in "\${words[@]:1:$((CURRENT - 2))}"; do`,
    '    case "$word" in -*) break ;; esac',
    `    command="\${command:+$command }$word"`,
    "  done",
    '  case "$command" in',
    ...rows
      .map(({ commands, flags, name }) => {
        const entries = [
          ...commands.map((one) => described(one, textOf.get(`${name} ${one}`.trim()) ?? "")),
          ...flags.map((flag) => described(flag.name, flag.text)),
        ];
        return `    ${name === "" ? '""' : `"${name}"|"${name} "*`}) entries=(${entries.join(" ")}) ;;`;
      })
      .reverse(),
    "  esac",
    "  _describe lockproof entries || _files",
    "}",
    'if [ "$funcstack[1]" = "_lockproof" ]; then _lockproof "$@"; else compdef _lockproof lockproof; fi',
  ];
}

/** A colon ends the word of an entry. */
function escaped(text: string): string {
  return text.replaceAll("\\", "\\\\").replaceAll("'", "'\\''").replaceAll(":", "\\:");
}

function fish(rows: readonly CommandRow[]): readonly string[] {
  const quoted = (text: string) => `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
  return rows.flatMap(({ flags, name, text }) => {
    const steps = name.split(" ");
    const parent = steps.slice(0, -1);
    const below = (words: readonly string[]) =>
      words.length === 0 ? "__fish_use_subcommand" : `__fish_seen_subcommand_from ${words.at(-1)}`;
    const own = name === "" ? "__fish_use_subcommand" : below(steps);
    return [
      ...(name === ""
        ? []
        : [`complete -c lockproof -n ${quoted(below(parent))} -a ${steps.at(-1)} -d ${quoted(text)}`]),
      ...flags.map(
        (flag) =>
          `complete -c lockproof -n ${quoted(own)} -l ${flag.name.slice(2)}${flag.takesValue ? " -r" : ""} -d ${quoted(flag.text)}`,
      ),
    ];
  });
}
