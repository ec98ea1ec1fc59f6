/** The legend of the lines and dots of a space-time diagram. */
import { type Html, html } from "../page/html.ts";
import { text } from "../page/text.ts";
import { texts } from "../texts/dictionary.ts";

const { legend: words } = texts.counterexample;

export const messageKeys: Html = html`<p class="legend soft"><span><svg class="swatch" viewBox="0 0 40 12" aria-hidden="true"><g class="message arrived"><line x1="2" y1="6" x2="38" y2="6"/></g></svg>${text(words.message)}</span>
<span><svg class="swatch" viewBox="0 0 40 12" aria-hidden="true"><g class="message lost"><line x1="2" y1="6" x2="32" y2="6"/><path class="cross" d="M28 1l10 10m0 -10l-10 10"/></g></svg>${text(words.lost)}</span>
<span><svg class="swatch" viewBox="0 0 40 12" aria-hidden="true"><g class="message late"><line x1="2" y1="6" x2="38" y2="6"/></g></svg>${text(words.late)}</span>
<span><svg class="swatch" viewBox="0 0 12 12" aria-hidden="true"><g class="event fault"><circle cx="6" cy="6" r="4.5"/></g></svg>${text(words.fault)}</span>
<span><svg class="swatch" viewBox="0 0 12 12" aria-hidden="true"><g class="event broken"><circle cx="6" cy="6" r="4.5"/></g></svg>${text(words.broken)}</span></p>`;
