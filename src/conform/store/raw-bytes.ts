/** Texts of a plan that are not well-formed, as the bytes that are sent: a lone surrogate U+DC80..U+DCFF stands for one byte 0x80..0xFF. */

const lone = /[\udc80-\udcff]/u;
/** As `JSON.stringify` writes a lone surrogate; a backslash of a text is written twice. */
const escaped = /(?<!\\)\\u(dc[89a-f][0-9a-f])/gu;

/** A text that is well-formed stays as it is. */
export function bytesOf(argument: string): string | Buffer {
  const text = argument.startsWith("[") ? argument.replace(escaped, (_, code: string) => charOf(code)) : argument;
  if (text.isWellFormed()) return text;
  return Buffer.concat(Array.from(text, (character) => byteOf(character) ?? Buffer.from(character)));
}

function charOf(code: string): string {
  return String.fromCharCode(Number.parseInt(code, 16));
}

function byteOf(character: string): Buffer | null {
  return lone.test(character) ? Buffer.of(character.charCodeAt(0) - 0xdc00) : null;
}
