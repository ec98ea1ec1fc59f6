/** A value where the schema has no place for it. */
export class OutsideSchema extends Error {
  override readonly name = "OutsideSchema";
  /** The field, as a path from the state: `node.1.ver`. */
  readonly field: string;
  /** The value that was found. */
  readonly found: string;
  /** The values that the schema allows. */
  readonly bound: string;

  constructor(field: string, found: string, bound: string) {
    super(`${field} is ${found}, allowed ${bound}`);
    this.field = field;
    this.found = found;
    this.bound = bound;
  }
}

/** A value in a message: short, and never an exception of its own. */
export function shown(value: unknown): string {
  try {
    const text = JSON.stringify(value) ?? String(value);
    return text.length > 80 ? `${text.slice(0, 77)}...` : text;
  } catch {
    return String(value);
  }
}
