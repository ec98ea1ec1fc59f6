/** Damage to a file of JSON lines, drawn from a seed, as by a full disk, a bad cable, an editor or a wrong exporter. */
import { seededRandom } from "../../src/load/plan/seeded-random.ts";

export interface Damaged {
  readonly how: string;
  readonly bytes: Buffer;
}

interface Draw {
  below(most: number): number;
  of<Value>(values: readonly Value[]): Value;
}

type Damage = (bytes: Buffer, draw: Draw) => Buffer;

const onBytes =
  (edit: (bytes: Buffer, at: number, draw: Draw) => readonly Buffer[]): Damage =>
  (bytes, draw) =>
    Buffer.concat(edit(bytes, draw.below(bytes.length), draw));

const onLines =
  (edit: (lines: string[], at: number, draw: Draw) => void): Damage =>
  (bytes, draw) => {
    const lines = bytes.toString("utf8").trimEnd().split("\n");
    edit(lines, draw.below(lines.length), draw);
    return Buffer.from(`${lines.join("\n")}\n`);
  };

/** One match of the pattern in one line. */
const onMatch = (pattern: RegExp, replace: (found: string, draw: Draw) => string): Damage =>
  onLines((lines, at, draw) => {
    const line = lines[at] ?? "";
    const found = [...line.matchAll(pattern)];
    if (found.length === 0) return;
    const one = draw.of(found);
    const end = one.index + one[0].length;
    lines[at] = line.slice(0, one.index) + replace(one[0], draw) + line.slice(end);
  });

const oddNumbers = [
  ...["NaN", "Infinity", "-Infinity", "1e400", "-1e400", "-0", "9223372036854775808", "9007199254740993"],
  ...["0.5", "-1", "00", "1.", "+1", "0x10", "1e5", "1_000", '"1"', "null", "true", "[]", "{}", "1,2", ""],
];
const oddValues = ["null", "0", "-1", '""', "[]", "{}", "true", '"\\ud800"', "[[[[[]]]]]", "undefined", "'x'"];
const number = /(?<=:)-?\d+(?:\.\d+)?/g;
const name = /"[a-z_]+"(?=:)/g;
const value = /(?<=:)(?:"[^"]*"|-?\d+(?:\.\d+)?|null|true|false|\{\}|\[\])/g;
const member = /"[a-z_]+":(?:"[^"]*"|-?\d+(?:\.\d+)?|null|true|false),?/g;
const word = /(?<=:)"[a-z_]+"/g;

const kinds: Readonly<Record<string, Damage>> = {
  cut: onBytes((bytes, at) => [bytes.subarray(0, at)]),
  "cut at the front": onBytes((bytes, at) => [bytes.subarray(at)]),
  "a hole": onBytes((bytes, at, draw) => [bytes.subarray(0, at), bytes.subarray(at + 1 + draw.below(200))]),
  "a bit": onBytes((bytes, at, draw) => {
    const flipped = Buffer.from(bytes);
    flipped[at] = (flipped[at] ?? 0) ^ (1 << draw.below(8));
    return [flipped];
  }),
  "a byte": onBytes((bytes, at, draw) => [bytes.subarray(0, at), Buffer.of(draw.below(256)), bytes.subarray(at + 1)]),
  "a byte less": onBytes((bytes, at) => [bytes.subarray(0, at), bytes.subarray(at + 1)]),
  "a control character": onBytes((bytes, at, draw) => [
    bytes.subarray(0, at),
    Buffer.of(draw.below(32)),
    bytes.subarray(at),
  ]),
  "a block of zeros": onBytes((bytes, at) => [bytes.subarray(0, at), Buffer.alloc(512), bytes.subarray(at)]),
  junk: onBytes((bytes, at, draw) => {
    const some = Buffer.from(Array.from({ length: 64 }, () => draw.below(256)));
    return [bytes.subarray(0, at), some, bytes.subarray(at)];
  }),
  "a line less": onLines((lines, at) => lines.splice(at, 1)),
  "a line twice": onLines((lines, at) => lines.splice(at, 0, lines[at] ?? "")),
  "two lines for each other": onLines((lines, at, draw) => {
    const other = draw.below(lines.length);
    const [one = "", two = ""] = [lines[at], lines[other]];
    lines[at] = two;
    lines[other] = one;
  }),
  "two lines in one": onLines((lines, at) => lines.splice(at, 2, `${lines[at]}${lines[at + 1] ?? ""}`)),
  "a line of something else": onLines((lines, at, draw) =>
    lines.splice(at, 0, draw.of(["INFO started", "[]", "null", "{}", '{"kind":"metric"}', "7", '"x"', "//", "\u2028"])),
  ),
  "carriage returns": (bytes) => Buffer.from(bytes.toString("utf8").replaceAll("\n", "\r\n")),
  "a byte order mark": (bytes) => Buffer.concat([Buffer.from("\ufeff"), bytes]),
  "sixteen bits a character": (bytes) => Buffer.from(bytes.toString("utf8"), "utf16le"),
  "another number": onMatch(number, (_, draw) => draw.of(oddNumbers)),
  "another digit": onMatch(number, (found, draw) => found.replace(/\d/, String(draw.below(10)))),
  "another value": onMatch(value, (_, draw) => draw.of(oddValues)),
  "another word": onMatch(word, (found, draw) => `${found.slice(0, 1 + draw.below(found.length - 1))}x"`),
  "a name with another letter": onMatch(name, (found, draw) => found.replace(/.(?="$)/, draw.of(["x", "ss", "_ns"]))),
  "another name": onMatch(name, (_, draw) =>
    draw.of(['"end_ns"', '"call"', '"__proto__"', '"constructor"', '""', '"at"']),
  ),
  "a member less": onMatch(member, () => ""),
  "a member twice": onMatch(member, (found) => `${found.replace(/,?$/, ",")}${found}`),
  "a member too many": onMatch(name, (found, draw) => `"extra":${draw.of(oddValues)},${found}`),
  "nesting without end": onMatch(value, (_, draw) => draw.of(["[", '{"a":']).repeat(100_000)),
  "a long line": onMatch(value, () => `"${"x".repeat(9 << 20)}"`),
};

export const damageKinds: readonly string[] = Object.keys(kinds);

/** Successive seeds take the kinds in turn; the same seed does the same damage. */
export function damage(bytes: Buffer, seed: number): Damaged {
  const random = seededRandom(seed)("damage");
  const below = (most: number): number => (most === 0 ? 0 : random.nextUint32() % most);
  const draw: Draw = { below, of: (values) => values[below(values.length)] as (typeof values)[number] };
  const how = damageKinds[seed % damageKinds.length] ?? "";
  return { how, bytes: (kinds[how] as Damage)(bytes, draw) };
}
