/** HTML templates. Interpolated text is escaped, HTML is not. */

import { escapeHtml } from "../../evidence/escape.ts";

const brand = Symbol("html");

export interface Html {
  readonly [brand]: true;
  readonly text: string;
}

type Part = Html | string | number | readonly Html[];

export function html(strings: TemplateStringsArray, ...parts: readonly Part[]): Html {
  let text = strings[0] ?? "";
  for (const [index, part] of parts.entries()) text += render(part) + (strings[index + 1] ?? "");
  return trusted(text);
}

/** Marks text as HTML; only for constants. */
export function trusted(text: string): Html {
  return { [brand]: true, text };
}

export const nothing: Html = trusted("");

function render(part: Part): string {
  if (typeof part === "string") return escapeHtml(part);
  if (typeof part === "number") return String(part);
  return "text" in part ? part.text : part.map((one) => one.text).join("");
}
