/**
 * Promises of the documentation. A mark such as `[V4.1]` ends a promise in a page: the property that judges it, and a number. So a promise cannot be
 * written down without a property.
 */
import type { Source } from "../sources.ts";

export interface Promised {
  /** `V4.1` */
  readonly id: string;
  readonly property: string;
  /** From the root. */
  readonly page: string;
  /** The heading of the section, without its `#`. */
  readonly heading: string;
  /** The text before the mark in its paragraph, item or row. */
  readonly text: string;
}

/** A paragraph, an item of a list or a row of a table. */
interface Block {
  readonly heading: string;
  readonly text: string;
}

const mark = /(?<!`)\[([A-Z]\d+)\.(\d+)\]/gu;

/** Pages whose every block is a promise, but for what the exceptions of a page name. */
export function blocksOf(page: string): readonly Block[] {
  let heading = "";
  const blocks: Block[] = [];
  for (const part of page.replaceAll(/```[\s\S]*?```/gu, "").split(/\n\s*\n|\n(?=\s*(?:-|\d+\.|\|) ?)/u)) {
    const text = part.trim();
    if (text.startsWith("#")) heading = text.replace(/^#+ /u, "");
    else if (text !== "" && !/^\|[\s:|-]+\|$/u.test(text)) blocks.push({ heading, text });
  }
  return blocks;
}

export function promisesIn({ path, text }: Source): readonly Promised[] {
  return blocksOf(text).flatMap((block) => {
    let before = 0;
    return [...block.text.matchAll(mark)].map(({ 0: found, 1: property = "", 2: number = "", index }) => {
      // Several marks in a row are of one promise.
      const between = block.text.slice(before, index).trim();
      const said = between === "" ? block.text.slice(0, index) : between;
      before = index + found.length;
      return { id: `${property}.${number}`, property, page: path, heading: block.heading, text: plain(said) };
    });
  });
}

export const isMarked = (text: string): boolean => text.search(mark) >= 0;

function plain(text: string): string {
  return text
    .replaceAll(mark, "")
    .replace(/^\s*(?:-|\d+\.) /u, "")
    .replaceAll(/\s+/gu, " ")
    .trim();
}
