import type { Picture } from "../../../src/report/pictures/picture.ts";

/** A picture with its words, as HTML. */
export function drawn({ found, svg }: Picture): string {
  return [svg("title"), ...found].map(({ text }) => text).join("\n");
}
