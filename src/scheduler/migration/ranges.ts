/** Settings of the migration, checked before anything begins. */
import { SettingsError } from "../errors.ts";

export type Range = readonly [least: number, most: number];

/** The settings that are not numbers have no range.
 * @throws SettingsError for the first one that is out of its range, or no number
 */
export function inRange<Settings extends object>(
  of: string,
  settings: Settings,
  ranges: Partial<Record<keyof Settings & string, Range>>,
): Settings {
  const given = new Map<string, unknown>(Object.entries(settings));
  for (const [name, [least, most]] of Object.entries<Range>(ranges as Record<string, Range>)) {
    const found = given.get(name);
    if (typeof found === "number" && found >= least && found <= most) continue;
    const allowed = `a number from ${least} to ${most}`;
    throw new SettingsError({ where: `${of}.${name}`, found: String(found), allowed, fix: "give a number in range" });
  }
  return settings;
}
