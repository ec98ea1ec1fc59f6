/** The number of items that a page leaves out is shown beside the items that it shows. */
import { numberText } from "../../evidence/words.ts";
import { type Html, html, nothing } from "../page/html.ts";
import { text } from "../page/text.ts";
import { texts } from "./dictionary.ts";

/** No sentence where nothing is left out. @param count how many are left out */
export function omittedSentences(count: number): readonly Html[] {
  return count > 0 ? [text(texts.omitted(numberText(count)))] : [];
}

/** The same as a paragraph. */
export function omittedNote(count: number): Html {
  return count > 0 ? html`<p class="soft">${omittedSentences(count)}</p>` : nothing;
}
