/** Values under the pointer: a picture is divided into strips, each with a title that browsers show. Numbers only, so that it needs no language. */
import { type Html, html, nothing } from "../page/html.ts";
import { frame, round } from "./axis.ts";

/** More would be narrower than a pointer is exact. */
const mostStrips = 60;

/** @param words of the part from one share of the width to another, 0 to 1; null: there is nothing to say about it */
export function valuePlaces(top: number, bottom: number, words: (from: number, to: number) => string | null): Html {
  const width = (frame.width - frame.left - frame.right) / mostStrips;
  const strips = Array.from({ length: mostStrips }, (_, index) => {
    const text = words(index / mostStrips, (index + 1) / mostStrips);
    if (text === null) return nothing;
    return html`<rect class="hover" x="${round(frame.left + index * width)}" y="${top}" width="${round(width)}" height="${bottom - top}"><title>${text}</title></rect>`;
  });
  return html`${strips}`;
}
