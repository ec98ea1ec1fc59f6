/** A text in every language of the report. */
export interface Words {
  readonly en: string;
  readonly zh: string;
}

export const languages = ["en", "zh"] as const;
export type Language = (typeof languages)[number];

/** A text that is the same in both: a name, a number. */
export function same(text: string): Words {
  return { en: text, zh: text };
}
