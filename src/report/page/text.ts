/** Texts of the page in both languages. The style sheet shows the one that the reader has chosen, also where scripts are off. */
import type { Words } from "../texts/words.ts";
import { type Html, html } from "./html.ts";

export function text({ en, zh }: Words): Html {
  return en === zh ? html`${en}` : html`<span lang="en">${en}</span><span lang="zh-CN">${zh}</span>`;
}

/** In a picture. */
export function drawnText({ en, zh }: Words): Html {
  return en === zh ? html`${en}` : html`<tspan lang="en">${en}</tspan><tspan lang="zh-CN">${zh}</tspan>`;
}

/** At most `most` characters of a text that foreign evidence may have made as long as it likes. */
export function clipped(long: string, most: number): string {
  return long.length > most ? `${long.slice(0, most - 1)}…` : long;
}

/** `redis-gone` of a scenario's name, for an address inside the page. */
export function addressOf(name: string): string {
  return clipped(name.replaceAll(/[^A-Za-z0-9]+/g, "-"), 80).replace(/^-+|-+$|…/g, "") || "x";
}

/** The address of the picture of one kind. */
export function pictureAddress(scenario: string, kind: string): string {
  return `${addressOf(scenario)}-${kind}`;
}
