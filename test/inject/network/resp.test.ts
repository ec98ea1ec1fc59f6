import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Message, MessageReader, ProtocolError, withPart } from "../../../src/inject/network/resp.ts";
import { encode } from "../../../src/lab/servers/redis-wire.ts";
import { pieces, resp2Values, resp3Values } from "./resp-values.ts";

function readAll(reader: MessageReader, chunks: readonly Buffer[]): readonly Message[] {
  return chunks.flatMap((chunk) => [...reader.read(chunk)]);
}

function only(bytes: string): Message {
  const [message, ...others] = readAll(new MessageReader(), [Buffer.from(bytes)]);
  expect(others).toEqual([]);
  if (message === undefined) throw new Error(`${JSON.stringify(bytes)} is no whole message`);
  return message;
}

describe.each([
  ["RESP2", resp2Values],
  ["RESP3", resp3Values],
])("messages of %s", (_, values) => {
  it("are found again whole, however the bytes were cut", () => {
    fc.assert(
      fc.property(fc.array(values, { maxLength: 6 }), fc.array(fc.nat(40)), (list, cuts) => {
        const bytes = Buffer.from(list.map((one) => one.bytes).join(""));
        const reader = new MessageReader();
        const seen = readAll(reader, pieces(bytes, cuts));
        expect(seen.map(({ parts }) => parts)).toEqual(list.map(({ texts }) => texts));
        expect(Buffer.concat(seen.map(({ raw }) => raw)).equals(bytes)).toBe(true);
        expect(reader.rest).toHaveLength(0);
      }),
      { numRuns: 500 },
    );
  });

  it("are whole only with their last byte", () => {
    fc.assert(
      fc.property(values, ({ bytes }) => {
        const whole = Buffer.from(bytes);
        const reader = new MessageReader();
        for (let at = 0; at < whole.length - 1; at += 1) {
          expect([...reader.read(Buffer.from(whole.subarray(at, at + 1)))]).toEqual([]);
        }
        expect([...reader.read(whole.subarray(-1))]).toHaveLength(1);
      }),
      { numRuns: 100 },
    );
  });
});

describe("a message", () => {
  it.each([
    ["*1\r\n:1\r\n", "*"],
    [">2\r\n+message\r\n+news\r\n", ">"],
    ["|1\r\n+ttl\r\n:3\r\n-ERR no\r\n", "-"],
    ["%1\r\n+a\r\n*1\r\n:1\r\n", "%"],
  ])("%j begins with %s, after its attributes", (bytes, type) => {
    expect(only(bytes).type).toBe(type);
  });

  it.each([
    ["-OOM no\r\n", ["OOM no"]],
    ["!6\r\nOOM no\r\n", ["OOM no"]],
    ["*3\r\n+OK\r\n-WRONGTYPE a\r\n-BUSY b\r\n", ["WRONGTYPE a", "BUSY b"]],
    ["*2\r\n+OK\r\n$5\r\n-OOM \r\n", []],
  ])("%j has its errors", (bytes, errors) => {
    expect(only(bytes).errors).toEqual(errors);
  });

  it("may be nested deeper than any call stack", () => {
    const depth = 200_000;
    expect(only(`${"*1\r\n".repeat(depth)}:7\r\n`).parts).toEqual(["7"]);
  });

  it.each(["GET / HTTP/1.1\r\n", "$x\r\n", "*-2\r\n", ".\r\n", ";1\r\na\r\n", "$?\r\n+a\r\n", "*2\r\n.\r\n"])(
    "is not %j, which stays as it is",
    (bytes) => {
      const reader = new MessageReader();
      const before = "+OK\r\n";
      const found: string[] = [];
      expect(() => {
        for (const { raw } of reader.read(Buffer.from(before + bytes))) found.push(String(raw));
      }).toThrow(ProtocolError);
      expect(found).toEqual([before]);
      expect(String(reader.rest)).toBe(bytes);
    },
  );
});

describe("a request", () => {
  it("may be a line of words", () => {
    const reader = new MessageReader("requests");
    const seen = readAll(reader, [Buffer.from("PING\r\n\r\n  SET key  1\n*1\r\n$4\r\nPING\r\n")]);
    expect(seen.map(({ parts }) => parts)).toEqual([["PING"], [], ["SET", "key", "1"], ["PING"]]);
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
});
