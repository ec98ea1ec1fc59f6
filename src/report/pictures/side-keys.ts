/** The colours of both sides of a pair. */
import { type Html, html } from "../page/html.ts";
import { text } from "../page/text.ts";
import { texts } from "../texts/dictionary.ts";

export const sideKeys: Html = html`<span class="key fault-side"></span>${text(texts.sides.fault)} <span class="key control"></span>${text(texts.sides.control)}`;
