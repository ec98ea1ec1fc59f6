/** Values of every type of RESP2 and RESP3, their bytes and their texts: for tests of the parser. */
import fc from "fast-check";

export interface Written {
  readonly bytes: string;
  /** Its texts, flattened. */
  readonly texts: readonly string[];
}

const line = fc.string({ unit: fc.constantFrom(..."abcXYZ 0123 -:$*".split("")), maxLength: 12 });
const text = fc.oneof(fc.string({ unit: "binary", maxLength: 20 }), fc.constant("a\r\n$5\r\nb"), fc.constant(""));

function written(bytes: string, ...texts: readonly string[]): Written {
  return { bytes, texts };
}

function blob(type: string, value: string): string {
  return `${type}${Buffer.byteLength(value)}\r\n${value}\r\n`;
}

const nulls = fc.constantFrom(...["$-1\r\n", "*-1\r\n"].map((bytes) => written(bytes, "")));
const ofTwo = [
  line.map((value) => written(`+${value}\r\n`, value)),
  line.map((value) => written(`-ERR ${value}\r\n`, `ERR ${value}`)),
  fc.integer().map((value) => written(`:${value}\r\n`, String(value))),
  text.map((value) => written(blob("$", value), value)),
  nulls,
];
const ofThree = [
  fc.constant(written("_\r\n", "")),
  fc.constantFrom("t", "f").map((value) => written(`#${value}\r\n`, value)),
  fc.constantFrom("1.5", "inf", "-inf", "nan", "-1e99").map((value) => written(`,${value}\r\n`, value)),
  fc.bigInt().map((value) => written(`(${value}\r\n`, String(value))),
  text.map((value) => written(blob("!", `ERR ${value}`), `ERR ${value}`)),
  text.map((value) => written(blob("=", `txt:${value}`), value)),
  fc
    .array(text.filter((chunk) => chunk !== ""))
    .map((chunks) => written(`$?\r\n${chunks.map((chunk) => blob(";", chunk)).join("")};0\r\n`, ...chunks)),
];

function aggregate(type: string, each: number, items: readonly Written[], isStreamed: boolean): Written {
  const whole = items.slice(0, items.length - (items.length % each));
  const begin = isStreamed ? `${type}?` : `${type}${whole.length / each}`;
  const bytes = `${begin}\r\n${whole.map((one) => one.bytes).join("")}${isStreamed ? ".\r\n" : ""}`;
  return written(bytes, ...whole.flatMap(({ texts }) => texts));
}

/** Attributes say something about the value that follows, and are no part of it. */
function described(value: Written, attributes: readonly Written[]): Written {
  return written(`${aggregate("|", 2, attributes, false).bytes}${value.bytes}`, ...value.texts);
}

export const resp2Values: fc.Arbitrary<Written> = fc.letrec<{ value: Written }>((tie) => ({
  value: fc.oneof(
    { depthSize: "small" },
    ...ofTwo,
    fc.array(tie("value"), { maxLength: 4 }).map((items) => aggregate("*", 1, items, false)),
  ),
})).value;

export const resp3Values: fc.Arbitrary<Written> = fc.letrec<{ value: Written }>((tie) => {
  const items = fc.array(tie("value"), { maxLength: 4 });
  return {
    value: fc.oneof(
      { depthSize: "small" },
      ...ofTwo,
      ...ofThree,
      fc
        .tuple(fc.constantFrom(["*", 1], ["~", 1], ["%", 2] as const), items, fc.boolean())
        .map(([[type, each], list, isStreamed]) => aggregate(String(type), Number(each), list, isStreamed)),
      fc.tuple(tie("value"), items).map(([value, attributes]) => described(value, attributes)),
    ),
  };
}).value;

/** A message beside the replies. */
export function push(...texts: readonly string[]): Written {
  return written(`>${texts.length}\r\n${texts.map((one) => blob("$", one)).join("")}`, ...texts);
}

/** Pieces of the bytes, cut where the numbers say; the last piece is what is left. */
export function pieces(bytes: Buffer, cuts: readonly number[]): readonly Buffer[] {
  const found: Buffer[] = [];
  let from = 0;
  for (const cut of [...cuts, bytes.length]) {
    const to = Math.min(bytes.length, from + cut);
    // As a socket does it, each piece has memory of its own.
    if (to > from) found.push(Buffer.from(bytes.subarray(from, to)));
    from = to;
  }
  return found;
}
