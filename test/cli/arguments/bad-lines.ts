/** Wrong command lines, generated from the program's commands and flags: each is a correct line with one mistake. */

import type { Command, Option } from "commander";
import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";
import { isRepeatable } from "../../../src/cli/arguments/values.ts";
import { createProgram } from "../../../src/cli/program.ts";
import { idleContext } from "../process/idle.ts";
import { conformToken } from "../terminal.ts";

export interface BadLine {
  readonly words: readonly string[];
  /** The mistake. */
  readonly wrong: string;
  /** Whether it is refused as wrong usage; a wrong program or folder is a broken run. */
  readonly isUsage: boolean;
}

/** Paths where reading or writing would block, fail or do harm. */
export interface Traps {
  readonly fifo: string;
  readonly folder: string;
  readonly file: string;
}

/** One stream of choices, from a seed. */
class Choice {
  readonly #generator: { next(): number };

  constructor(seed: number) {
    this.#generator = xoroshiro128plus(seed);
  }

  below(bound: number): number {
    return (this.#generator.next() >>> 0) % bound;
  }

  of<Item>(items: readonly Item[]): Item {
    const item = items[this.below(items.length)];
    if (item === undefined) throw new Error("nothing to choose from");
    return item;
  }
}

/** The flags that another flag requires. */
const companions: Readonly<Record<string, readonly string[]>> = {
  "simulate --lua": ["--on", "redis"],
  "simulate --redis-server": ["--on", "redis"],
  "simulate --token": ["--on", "redis"],
  "mutants --redis-server": ["--layer", "conform"],
  "mutants --toxiproxy-server": ["--layer", "inject"],
};

/** The arguments that complete a command. A missing file is enough, because every line has another mistake. */
const complete: Readonly<Record<string, readonly string[]>> = {
  explore: ["--model", "job-store"],
  replay: [conformToken],
  explain: [conformToken],
  check: ["no-such-history.jsonl"],
  "sut check": ["no-such-program"],
  "sut new": ["no-such-folder"],
  reproduce: ["no-such-history.jsonl"],
  report: ["no-such-folder"],
};

const hostile: readonly string[] = [
  "\u001b[2J\u001b]0;owned\u0007",
  "\u009b31m",
  "a\u0000b",
  "\u202egnp.exe",
  "x".repeat(1024 * 1024),
  "日本語",
  "\ud800",
  "*",
  "../../../../etc/passwd",
  "$(touch owned)",
  "a\nb\r\nc",
  "{}",
  "__proto__",
  "constructor",
  "%s%n",
  "",
  " ",
];

const notNumbers: readonly string[] = [
  ...["-1", "1.5", "1e3", "NaN", "Infinity", "0x10", "1_000", "99999999999999999999", "१", "1 ", "+1", "--1", "1,2"],
  ...hostile,
];

/** Values by the placeholder in the help of the flag. */
const wrongValues: Readonly<Record<string, readonly string[]>> = {
  n: notNumbers,
  time: ["0", "5", "-1s", "1y", "0s", "999999h", "1s1s", "s", ...hostile],
  "i/n": ["0/3", "4/3", "1", "1/0", "a/b", "1/2/3", "-1/3", ...hostile],
  "a..b": ["5..1", "1", "1..", "..2", "1...2", "1..4294967296", "-1..2", ...hostile],
  "k=v,...": ["N", "N=", "=1", "N=-1", "N=1.5", "ZZ=1", "N=1,N", ...hostile],
  "name|k=v,...": ["no-such-scope", "N=", "=1", "N=-1", "N=1.5", "ZZ=1", ...hostile],
  name: ["no-such-name", ...hostile],
  id: ["no-such-id", ...hostile],
  topology: ["no-such-topology", ...hostile],
  world: ["no-such-world", ...hostile],
  language: ["no-such-language", ...hostile],
  token: ["lp1", "lp2:a:1:b", "lp1:conform:1:abcd", ...hostile],
  command: ["'open", '"open', "a | b", "a; b", "run $HOME", "`a`", "a > b", "", " "],
};

const paths = ({ fifo, folder }: Traps): readonly string[] => [
  ...[fifo, "/dev/zero", "/dev/full", "/proc/self/mem", "/proc/self/fd/0", "/proc/1/environ", "/sys/kernel/x"],
  ...[`${folder}/none/such`, "", "a\u0000b", "x".repeat(5_000), `${folder}/\u001b[2J/\u009b31m`],
];

/** Folders that are made where they are missing. */
const made = ["--reports", "--dir", "--corpus"];

const pathsByFlag = (long: string, traps: Traps): readonly string[] => {
  const isFolderWanted = ["--lua", "--peers", ...made].includes(long);
  // A folder that can be created is correct for results; any folder without scripts is wrong for scripts.
  const missing = (path: string) => (made.includes(long) ? !/none.such|x{9}|2J/.test(path) : true);
  return [...paths(traps).filter(missing), isFolderWanted ? traps.file : traps.folder];
};

const valueName = (option: Option): string => /[<[](.+)[>\]]$/.exec(option.flags)?.[1] ?? "";

/** @returns lines of every command and every kind of mistake, the same for the same seed */
export function badLines(seed: number, traps: Traps): readonly BadLine[] {
  const choice = new Choice(seed);
  const program = createProgram(idleContext, "0.0.0");
  const leaves = program.commands.flatMap((command) => (command.commands.length === 0 ? [command] : command.commands));
  const lines = leaves.flatMap((command) => [
    ...flagMistakes(command, choice),
    ...valueMistakes(command, choice, traps),
    ...argumentMistakes(command, choice, traps),
  ]);
  return [...lines, ...commandMistakes(program, choice), ...tokenMistakes(choice), ...conflicts];
}

/** `verify`, `sut check` */
function pathOf(command: Command): string {
  const { parent } = command;
  return parent === null || parent.parent === null ? command.name() : `${pathOf(parent)} ${command.name()}`;
}

function flagMistakes(command: Command, choice: Choice): readonly BadLine[] {
  const path = pathOf(command);
  const base = [...path.split(" "), ...(complete[path] ?? [])];
  const longs = [...command.options.map(({ long }) => long ?? ""), "--help"];
  const usage = (wrong: string, ...words: readonly string[]): BadLine => ({ words, wrong, isUsage: true });
  const mistyped = Array.from({ length: 4 }, () => damaged(choice.of(longs), choice));
  return [
    ...mistyped.filter((flag) => !longs.includes(flag)).map((flag) => usage("a mistyped flag", ...base, flag)),
    usage("an unknown flag", ...base, choice.of(["--", "-"]) + choice.of(["zzz", "x".repeat(300), "日本語", "-x-"])),
    ...command.options.filter(({ required }) => required).map(({ long }) => usage("no value", ...base, long ?? "")),
    ...command.options
      .filter((option) => !option.required && !option.negate)
      .flatMap(({ long }) => [
        usage("a value for a switch", ...base, `${long}=${choice.of(hostile)}`),
        usage("a switch twice", ...base, long ?? "", long ?? ""),
      ]),
  ];
}

/** A flag with a letter lost, doubled, or changed. */
function damaged(flag: string, choice: Choice): string {
  const at = 3 + choice.below(Math.max(1, flag.length - 3));
  return choice.of([
    `${flag.slice(0, at)}q${flag.slice(at)}`,
    `${flag.slice(0, at)}${flag.slice(at + 1)}q`,
    `${flag.slice(0, at)}Q${flag.slice(at + 1)}`,
  ]);
}

function valueMistakes(command: Command, choice: Choice, traps: Traps): readonly BadLine[] {
  const name = pathOf(command);
  return command.options.flatMap((option) => {
    const long = option.long ?? "";
    const kind = valueName(option);
    const isPath = ["file", "dir", "folder", "path"].includes(kind);
    const wrong = isPath ? pathsByFlag(long, traps) : (wrongValues[kind] ?? []);
    if (!option.required || wrong.length === 0) return [];
    const isAsked = complete[name]?.includes(long) === true;
    const base = [
      ...name.split(" "),
      ...(isAsked ? [] : (complete[name] ?? [])),
      ...(companions[`${name} ${long}`] ?? []),
    ];
    const isProgram = long.endsWith("-server") || made.includes(long);
    const twice = isRepeatable(option.parseArg) || isPath ? [] : [[long, "1", long, "1"]];
    return [
      ...[choice.of(wrong), choice.of(wrong), choice.of(wrong)].map((value) => [long, value]),
      [`${long}=${choice.of(wrong)}`],
      ...twice,
    ].map((words) => ({
      words: [...base, ...words],
      wrong: `a wrong ${kind}`,
      isUsage: !isProgram,
    }));
  });
}

function argumentMistakes(command: Command, choice: Choice, traps: Traps): readonly BadLine[] {
  const name = pathOf(command);
  const wanted = command.registeredArguments[0];
  const usage = (wrong: string, ...words: readonly string[]): BadLine => ({
    words: [...name.split(" "), ...words],
    wrong,
    isUsage: true,
  });
  if (wanted?.name() === "command") return [usage("nothing")];
  if (wanted === undefined) {
    const base = complete[name] ?? [];
    return [choice.of(hostile), "--", "--help=1"].map((word) =>
      usage("an argument too many", ...base, ...(word === "--" ? ["--", "x"] : [word])),
    );
  }
  if (wanted.name() === "token") return hostile.map((word) => usage("no token", word));
  return [
    ...paths(traps).map((path) => usage("a path that is none", path)),
    usage("nothing"),
    ...(wanted.variadic ? [] : [usage("two files", traps.file, traps.file)]),
  ];
}

function commandMistakes(program: Command, choice: Choice): readonly BadLine[] {
  const names = program.commands.map((command) => command.name());
  const mistyped = names.map((name) => damaged(`--${name}`, choice).slice(2)).filter((name) => !names.includes(name));
  return [...mistyped, ...hostile, "-", "--", "--versions"].map((word) => ({
    words: word === "" ? [""] : [word],
    wrong: "no such command",
    isUsage: true,
  }));
}

/** A token with characters changed, lost, added or moved. */
function tokenMistakes(choice: Choice): readonly BadLine[] {
  const words = ["replay", "explain", "simulate"] as const;
  return Array.from({ length: 60 }, (_, index) => {
    const at = choice.below(conformToken.length);
    const other = choice.of([..."0aZ_-:=%\u001b\u0000 é"].filter((letter) => letter !== conformToken[at]));
    const token = choice.of([
      conformToken.slice(0, at) + other + conformToken.slice(at + 1),
      conformToken.slice(0, at),
      `${conformToken.slice(0, at)}${other}${conformToken.slice(at)}`,
      conformToken + conformToken,
    ]);
    const command = words[index % words.length] ?? "replay";
    return {
      words: command === "simulate" ? ["simulate", "--on", "redis", "--token", token] : [command, token],
      wrong: "a damaged token",
      isUsage: true,
    };
  }).filter(({ words }) => words.at(-1)?.trim() !== conformToken);
}

const conflicts: readonly BadLine[] = [
  ["simulate", "--seed", "1", "--seeds", "1..2"],
  ["simulate", "--token", conformToken],
  ["simulate", "--on", "redis", "--token", conformToken],
  ["simulate", "--lua", "lua"],
  ["explore", "--model", "job-store", "--symmetry", "--no-symmetry"],
  ["explain"],
  ["explain", conformToken, "--model", "system"],
  ["explain", conformToken, "--mutant", "finished-forgotten"],
  ["explain", conformToken, "--scope", "N=1"],
  ["replay", conformToken, "--point-of-no-return"],
  ["mutants", "--mutant", "capacity-checked-after", "--layer", "explore"],
  ["verify", "--profile", "quick", "--profile", "full"],
  ["report", "no-such-folder", "--compare", "--mixed", "seeds"],
].map((words) => ({ words, wrong: "flags that exclude each other", isUsage: true }));
