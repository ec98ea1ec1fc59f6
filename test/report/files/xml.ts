/** A reader of the XML that we write: tags, attributes, text. Strict about the five rules that make a document well-formed. */

export interface Element {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly Element[];
  readonly text: string;
}

interface Open {
  readonly name: string;
  readonly attributes: Record<string, string>;
  readonly children: Element[];
  text: string;
}

const allowed = /^[\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]*$/u;
const tag = /<(\/?)([a-z][a-z0-9-]*)((?:\s+[a-zA-Z][a-zA-Z0-9-]*="[^"<]*")*)\s*(\/?)>/y;
const entities: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"' };

/** @throws Error where the document is not well-formed */
export function parseXml(document: string): Element {
  if (!allowed.test(document)) throw new Error("a character that XML cannot hold");
  let at = document.indexOf("?>") + 2;
  const root: Open = { name: "", attributes: {}, children: [], text: "" };
  const open: Open[] = [root];
  while (at < document.length) {
    const top = open.at(-1) ?? root;
    if (document[at] !== "<") {
      const end = document.indexOf("<", at);
      const text = document.slice(at, end === -1 ? undefined : end);
      if (text.includes("]]>")) throw new Error("]]> in text");
      top.text += characters(text);
      at += text.length;
      continue;
    }
    tag.lastIndex = at;
    const [whole, closing, name = "", attributes = "", empty] = tag.exec(document) ?? [];
    if (whole === undefined) throw new Error(`no tag at ${at}: ${document.slice(at, at + 40)}`);
    at += whole.length;
    if (closing === "/") {
      if (top.name !== name) throw new Error(`</${name}> closes <${top.name}>`);
      open.pop();
      continue;
    }
    const element: Open = { name, attributes: attributesOf(attributes), children: [], text: "" };
    top.children.push(element);
    if (empty !== "/") open.push(element);
  }
  const [only, ...others] = root.children;
  if (open.length !== 1 || only === undefined || others.length > 0 || root.text.trim() !== "")
    throw new Error("not one root");
  return only;
}

function attributesOf(text: string): Record<string, string> {
  return Object.fromEntries(
    [...text.matchAll(/([a-zA-Z0-9-]+)="([^"]*)"/g)].map(([, name = "", value = ""]) => [name, characters(value)]),
  );
}

function characters(text: string): string {
  return text.replace(/&([^;]*);?/g, (whole, name: string) => {
    const code = /^#(\d+)$/.exec(name)?.[1];
    const character = code === undefined ? entities[name] : String.fromCodePoint(Number(code));
    if (character === undefined || !whole.endsWith(";")) throw new Error(`unknown entity ${whole}`);
    return character;
  });
}
