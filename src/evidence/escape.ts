/**
 * One escaping function for each place where text is shown. Ids, tokens, names of folders and foreign evidence may hold anything. Their content
 * is shown, and controls neither a terminal nor a page, a table, an XML reader or a CI server.
 */

/** Control and invisible characters, direction marks, lone surrogates and unassigned code points. */
const unseen = /[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029\ufdd0-\ufdef\ufffe\uffff]/gu;

/** One line for a terminal. */
export function visible(text: string): string {
  return text.replace(unseen, escapeCode);
}

/** Several lines for a terminal. */
function visibleLines(text: string): string {
  return text.split("\n").map(visible).join("\n");
}

function escapeCode(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  if (code <= 0xff) return `\\x${code.toString(16).padStart(2, "0")}`;
  const digits = code.toString(16).padStart(4, "0");
  return code <= 0xffff ? `\\u${digits}` : `\\u{${digits}}`;
}

export function escapeHtml(text: string): string {
  return visibleLines(text)
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;")
    .replaceAll("'", "&#39;");
}

/** The address of a file beside a page. Every step is encoded, so that it stays a path and never becomes a scheme. */
export function fileAddress(file: string): string {
  return `./${file
    .split("/")
    .map((step) => encodeURIComponent(step.toWellFormed()))
    .join("/")}`;
}

/** XML 1.0 cannot hold most control characters, and a CI server prints what it reads, so they are escaped. */
export function xmlText(text: string): string {
  return visibleLines(text).replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

export function xmlAttribute(text: string): string {
  return xmlText(text).replaceAll('"', "&quot;").replaceAll("\n", "&#10;");
}

/** Text in a cell of a Markdown table, without HTML, links, emphasis or a second cell. */
export function markdownText(text: string): string {
  return (
    visible(text)
      .replaceAll("&", "&amp;")
      .replaceAll("<", "&lt;")
      .replaceAll(">", "&gt;")
      .replace(/[\\`*[\]|~#!]/g, "\\$&")
      // Within a word, as in the names of figures, an underscore is no emphasis.
      .replace(/(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])/g, "\\_")
      .replace(/(https?|ftp):\/\//gi, "$1&#58;//")
      .replace(/www\./gi, "www&#46;")
      .replaceAll("@", "&#64;")
  );
}

/** A token or a name as a code span; text where it cannot be one. */
export function markdownCode(text: string): string {
  return /^[A-Za-z0-9:_.-]+$/.test(text) ? `\`${text}\`` : markdownText(text);
}

/** The message of a workflow command of GitHub Actions. */
export function commandData(text: string): string {
  return visibleLines(text).replaceAll("%", "%25").replaceAll("\n", "%0A");
}

export function commandProperty(text: string): string {
  return commandData(text).replaceAll(":", "%3A").replaceAll(",", "%2C");
}

/** Prevents GitHub Actions from reading a line of the log as a command. */
export function noCommand(line: string): string {
  return line.replace(/^(\s*):(?=:)/, "$1\\x3a").replaceAll("##[", "\\x23#[");
}
