/** Names in histories of earlier versions, which are read under the current ones. */
const kinds: Readonly<Record<string, string>> = { weather: "observer_read" };
const causes: Readonly<Record<string, string>> = { told: "status" };

/** @returns the same line where it has no former name */
export function withoutFormerNames(line: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const { cause, kind } = line;
  if (kind === "mode" && Object.hasOwn(causes, String(cause))) return { ...line, cause: causes[String(cause)] };
  return Object.hasOwn(kinds, String(kind)) ? { ...line, kind: kinds[String(kind)] } : line;
}
