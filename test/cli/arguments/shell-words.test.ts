import { describe, expect, it } from "vitest";
import { readShellWords } from "../../../src/cli/arguments/shell-words.ts";
import { UsageError } from "../../../src/evidence/failure.ts";

const read = readShellWords("--sut");

describe("the words of a command", () => {
  it.each<readonly [string, readonly string[]]>([
    ["python3 my_scheduler.py", ["python3", "my_scheduler.py"]],
    ["  go   run . ", ["go", "run", "."]],
    ["'a b' \"c d\"", ["a b", "c d"]],
    ["a\\ b --name='x y'z", ["a b", "--name=x yz"]],
    ['"say \\"hi\\"" \'$HOME\'', ['say "hi"', "$HOME"]],
    ["run '' last", ["run", "", "last"]],
  ])("reads %s", (text, words) => {
    expect(read(text)).toEqual(words);
  });

  it.each(["", "   ", "'open", '"open', "a | b", "a; b", "a && b", "echo $HOME", "a > b", "`a`"])(
    "refuses %j",
    (text) => {
      expect(() => read(text)).toThrow(UsageError);
    },
  );
});
