/** The words of a command, quoted as for a shell. Nothing is expanded, so what is run is what is written. */
import { notReadable } from "./values.ts";

/** One part of a word: in single quotes, in double quotes, escaped, or plain. */
const part = /'([^']*)'|"((?:[^"\\]|\\.)*)"|\\(.)|([^\s'"\\|&;<>()$`]+)/suy;
const blank = /\s+/uy;

/** @throws UsageError for an open quote, for nothing at all, and for what only a shell can do */
export function readShellWords(flag: string): (text: string) => readonly string[] {
  return (text) => {
    const words: string[] = [];
    let word: string | null = null;
    for (let at = 0; at < text.length; ) {
      const space = matchAt(blank, text, at);
      if (space !== null) {
        if (word !== null) words.push(word);
        word = null;
        at += space[0].length;
        continue;
      }
      const found = matchAt(part, text, at);
      if (found === null) throw notReadable(flag, text.slice(at), "words, with quotes around what a shell would read");
      word = (word ?? "") + contentOf(found);
      at += found[0].length;
    }
    if (word !== null) words.push(word);
    if (words.length === 0) throw notReadable(flag, text, "a program and its arguments");
    return words;
  };
}

function matchAt(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at;
  return pattern.exec(text);
}

function contentOf([, single, double, escaped, plain]: RegExpExecArray): string {
  return single ?? double?.replaceAll(/\\(["\\$`])/gu, "$1") ?? escaped ?? plain ?? "";
}
