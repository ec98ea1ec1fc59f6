import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { MessageReader, ProtocolError, readMessage, withPart } from "../../../src/inject/network/resp.ts";

// cspell:ignore letrec
type Reply = string | number | null | Reply[];

function encode(reply: Reply): string {
  if (reply === null) return "$-1\r\n";
  if (typeof reply === "number") return `:${reply}\r\n`;
  if (typeof reply === "string") return `$${Buffer.byteLength(reply)}\r\n${reply}\r\n`;
  return `*${reply.length}\r\n${reply.map(encode).join("")}`;
}

function flatten(reply: Reply): string[] {
  return Array.isArray(reply) ? reply.flatMap(flatten) : [reply === null ? "" : String(reply)];
}

const replies = fc.letrec<{ reply: Reply }>((tie) => ({
  reply: fc.oneof(
    { depthSize: "small" },
    fc.string({ unit: "binary" }),
    fc.constant("a\r\n$5\r\nb"),
    fc.integer(),
    fc.constant(null),
    fc.array(tie("reply"), { maxLength: 4 }),
  ),
})).reply;

describe("messages of RESP2", () => {
  it("are found again whole, however the bytes were cut", () => {
    fc.assert(
      fc.property(fc.array(replies, { maxLength: 6 }), fc.array(fc.nat(40)), (list, cuts) => {
        const bytes = Buffer.from(list.map(encode).join(""));
        const reader = new MessageReader();
        const seen: { raw: Buffer; parts: readonly string[] }[] = [];
        let from = 0;
        for (const cut of [...cuts, bytes.length]) {
          seen.push(
            ...[...reader.read(bytes.subarray(from, from + cut))].map(({ parts, raw }) => ({
              parts,
              raw: Buffer.from(raw),
            })),
          );
          from += cut;
        }
        expect(seen.map(({ parts }) => parts)).toEqual(list.map(flatten));
        expect(Buffer.concat(seen.map(({ raw }) => raw)).equals(bytes)).toBe(true);
      }),
    );
  });

  it("can be given another part, and keep the bytes of all others", () => {
    const words = fc.array(fc.string({ unit: "binary" }), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(words, fc.nat(), fc.string(), (parts, which, value) => {
        const index = which % parts.length;
        const changed = withPart(Buffer.from(encode(parts)), index, value);
        expect(changed.equals(Buffer.from(encode(parts.with(index, value))))).toBe(true);
      }),
    );
    const odd = Buffer.concat([Buffer.from("*2\r\n$2\r\n"), Buffer.from([0xff, 0xfe]), Buffer.from("\r\n$0\r\n\r\n")]);
    expect(withPart(odd, 1, "7").subarray(0, 12).equals(odd.subarray(0, 12))).toBe(true);
    expect(() => withPart(Buffer.from(encode(["a"])), 1, "b")).toThrow(ProtocolError);
  });

  it("may be lines as well", () => {
    expect(readMessage(Buffer.from("+OK\r\n-ERR no\r\n"), 0)).toEqual({ end: 5, parts: ["OK"] });
    expect(readMessage(Buffer.from("+OK\r\n-ERR no\r\n"), 5)).toEqual({ end: 14, parts: ["ERR no"] });
  });

  it("are refused where they are something else", () => {
    expect(() => readMessage(Buffer.from("GET / HTTP/1.1\r\n"), 0)).toThrow(ProtocolError);
    expect(() => readMessage(Buffer.from("$x\r\n"), 0)).toThrow(ProtocolError);
  });
});
