/** A checksum that is short enough for the end of a printed line. */

const polynomial = 0x864cfb;
const initial = 0xb704ce;

/** CRC-24 of RFC 4880, section 6.1: detects every change within 24 neighbouring bits, hence every mistyped character. */
export function crc24(bytes: Uint8Array): number {
  let crc = initial;
  for (const byte of bytes) {
    crc ^= byte << 16;
    for (let bit = 0; bit < 8; bit += 1) {
      crc <<= 1;
      if ((crc & 0x1000000) !== 0) crc = (crc ^ polynomial) & 0xffffff;
    }
  }
  return crc;
}

/** The CRC-24 as four characters of base64url: 24 bits fill them exactly, so each value has one spelling. */
export function checksumText(text: string): string {
  const crc = crc24(Buffer.from(text, "utf8"));
  return Buffer.from([crc >>> 16, (crc >>> 8) & 0xff, crc & 0xff]).toString("base64url");
}
