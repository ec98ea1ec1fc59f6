/** A picture with its caption. */
import type { Html } from "../page/html.ts";
import type { Words } from "../texts/words.ts";

export interface Picture {
  /** @param labelledBy the id of the element that names it */
  readonly svg: (labelledBy: string) => Html;
  readonly title: Words;
  /** One sentence that says what to see. */
  readonly see: Words;
  /** The findings that it shows, in words. */
  readonly found: readonly Html[];
}
