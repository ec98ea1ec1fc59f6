import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { MessageReader, ProtocolError, readMessage } from "../../src/inject/resp.ts";

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

  it("may be lines as well", () => {
    expect(readMessage(Buffer.from("+OK\r\n-ERR no\r\n"), 0)).toEqual({ end: 5, parts: ["OK"] });
    expect(readMessage(Buffer.from("+OK\r\n-ERR no\r\n"), 5)).toEqual({ end: 14, parts: ["ERR no"] });
  });

  it("are refused where they are something else", () => {
    expect(() => readMessage(Buffer.from("GET / HTTP/1.1\r\n"), 0)).toThrow(ProtocolError);
    expect(() => readMessage(Buffer.from("$x\r\n"), 0)).toThrow(ProtocolError);
  });
});
