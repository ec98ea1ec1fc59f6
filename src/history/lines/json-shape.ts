/** What a text of JSON has before it is parsed: parsing one that is nested without end takes memory without end. */

/** Our own lines are nested to 6. */
const mostDepth = 32;

/**
 * How many members its objects have from `start` to `end`, those included whose name is there twice, of which parsing keeps one.
 * @returns null where it is nested too far
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

/** Where the string that begins at `start` ends; the last character where it does not. */
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
