// cspell:ignore renamenx sunion sdiff sinterstore sunionstore sdiffstore pfcount pfmerge
/**
 * K1: which keys the scripts touch, as MONITOR shows it. Redis names a script's call first, then each command that it makes, with the source `lua`.
 * A command has its first key right behind its name; what looks like one of our keys further on is taken for one, since others' scripts use other commands.
 */
import { prefix } from "./expect.ts";

export interface KeyWatch {
  /** One line of MONITOR: the command and its arguments, and who sent it. */
  see(args: readonly string[], source: string): void;
  /** Script calls that were watched. */
  readonly calls: number;
  /** The first command that touched what it must not, in words. */
  readonly offence: string | null;
}

/** Commands without a key. A channel counts as one: it is named after the feed. */
const keyless: ReadonlySet<string> = new Set(["info", "time"]);
/** All arguments are keys. */
const allKeys: ReadonlySet<string> = new Set([
  ...(["del", "unlink", "exists", "touch", "mget", "rename", "renamenx"] as const),
  ...(["sinter", "sunion", "sdiff", "sinterstore", "sunionstore", "sdiffstore", "pfcount", "pfmerge"] as const),
]);
const looksLikeOurs = (argument: string): boolean => argument.startsWith(`${prefix}{`);

export function createKeyWatch(): KeyWatch {
  let declared: ReadonlySet<string> = new Set();
  let calls = 0;
  let offence: string | null = null;
  const check = (command: string, keys: readonly string[]): void => {
    const stray = keys.find((key) => !declared.has(key));
    if (stray !== undefined) offence ??= `${command} touched ${JSON.stringify(stray)}, which the call had not declared`;
  };
  return {
    get calls() {
      return calls;
    },
    get offence() {
      return offence;
    },
    see([name = "", ...rest], source) {
      const command = name.toLowerCase();
      if (source !== "lua") {
        if (command !== "evalsha" && command !== "eval") return;
        const keys = rest.slice(2, 2 + Number(rest[1]));
        declared = new Set(keys);
        if (keys.length === 0) return; // not one of ours: ours have at least two
        calls += 1;
        offence ??= declarationOffence(keys);
      } else if (declared.size > 0 && !keyless.has(command)) {
        check(command, allKeys.has(command) ? rest : [...rest.slice(0, 1), ...rest.slice(1).filter(looksLikeOurs)]);
      }
    },
  };
}

function declarationOffence(keys: readonly string[]): string | null {
  const foreign = keys.find((key) => !key.startsWith(prefix));
  if (foreign !== undefined) return `${JSON.stringify(foreign)} was declared, which is not under ${prefix}`;
  const tags = new Set(keys.map((key) => /\{([^}]*)\}/u.exec(key)?.[1]));
  return tags.size === 1 ? null : `keys of ${tags.size} hash tags were declared in one call: ${[...tags].join(", ")}`;
}
