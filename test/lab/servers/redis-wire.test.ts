import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { encode, readReply } from "../../../src/lab/servers/redis-wire.ts";

const lines = fc.string({ unit: "grapheme" }).filter((text) => !/[\r\n]/.test(text));

describe("a command on the wire", () => {
  it("counts bytes, not characters", () => {
    expect(encode(["SET", "ä", ""])).toBe("*3\r\n$3\r\nSET\r\n$2\r\nä\r\n$0\r\n\r\n");
  });
});

describe("a reply from the wire", () => {
  it("is read once it is whole and never before, whatever the chunks", () => {
    const replies = fc.oneof(
      lines.map((text) => ({ bytes: `+${text}\r\n`, reply: `+${text}` })),
      lines.map((text) => ({ bytes: `-ERR ${text}\r\n`, reply: `-ERR ${text}` })),
      fc.string({ unit: "grapheme" }).map((text) => {
        return { bytes: `$${Buffer.byteLength(text)}\r\n${text}\r\n`, reply: `$${text}` };
      }),
    );
    fc.assert(
      fc.property(replies, ({ bytes, reply }) => {
        const whole = Buffer.from(bytes);
        for (let length = 0; length < whole.length; length++) {
          expect(readReply(whole.subarray(0, length))).toBeUndefined();
        }
        expect(readReply(whole)).toBe(reply);
      }),
    );
  });

  it("is a lone $ for no value", () => expect(readReply(Buffer.from("$-1\r\n"))).toBe("$"));
});
