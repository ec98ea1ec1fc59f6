import fc from "fast-check";
import { expect, it } from "vitest";
import { checksumText, crc24 } from "../../src/evidence/checksum.ts";

it("is the CRC-24 of RFC 4880: its published check value", () => {
  expect(crc24(Buffer.from("123456789"))).toBe(0x21cf02);
});

it("always fills four characters", () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      expect(checksumText(text)).toMatch(/^[A-Za-z0-9_-]{4}$/);
    }),
  );
});
