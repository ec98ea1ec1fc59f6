/** Checks JSON text before it is parsed: parsing deeply nested text takes unbounded memory. */

/** The deepest nesting allowed; our own lines have 6 levels. */
const mostDepth = 32;

/**
 * Counts the members of all objects from `start` to `end`. Of two members with one name it counts both, while parsing keeps one.
 * @returns null where the nesting is too deep
 */
export function membersOf(text: string, start: number, end: number): number | null {
  let [members, depth] = [0, 0];
  for (let at = start; at < end; at += 1) {
    const code = text.charCodeAt(at);
    if (code === 34) at = endOfString(text, at);
    else if (code === 58) members += 1;
    else if (code === 123 || code === 91) {
      depth += 1;
      if (depth > mostDepth) return null;
    } else if (code === 125 || code === 93) depth -= 1;
  }
  return members;
}

/** @returns the place after the object that begins at `start`; beyond `end` where it is not closed by then */
export function endOfObject(text: string, start: number, end: number): number {
  let depth = 0;
  for (let at = start; at < end; at += 1) {
    const code = text.charCodeAt(at);
    if (code === 34) at = endOfString(text, at);
    else if (code === 123) depth += 1;
    else if (code === 125) depth -= 1;
    if (depth === 0) return at + 1;
  }
  return end + 1;
}

/** @returns the end of the string that begins at `start`, or the end of the text where it is not closed */
function endOfString(text: string, start: number): number {
  let end = text.indexOf('"', start + 1);
  while (end > 0 && isEscaped(text, end)) end = text.indexOf('"', end + 1);
  return end < 0 ? text.length : end;
}

function isEscaped(text: string, at: number): boolean {
  let first = at;
  while (text.charCodeAt(first - 1) === 92) first -= 1;
  return (at - first) % 2 === 1;
}
