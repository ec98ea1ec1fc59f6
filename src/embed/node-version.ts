/**
 * Refuses a Node that is too old, as the entry points are imported: later it would fail in the middle, as `Promise.withResolvers is not a function`.
 * They import this file before all others, and this file imports nothing.
 */

/** As `engines` in package.json has it: what is tested. */
export const supportedNode = "^22.18 || ^24.11 || >=26";
const oldest = [22, 18] as const;

/** Node is older than what the scheduler needs; thrown by its import. Its class cannot be imported then: compare `code`. */
export class NodeVersionError extends Error {
  override readonly name = "NodeVersionError";
  readonly code = "ERR_LOCKPROOF_NODE";
  /** The version that runs, such as `20.19.2`. */
  readonly found: string;
  /** The range of versions, as package.json has it. */
  readonly needed = supportedNode;

  constructor(found: string) {
    super(`this is Node ${found}; lockproof/scheduler needs ${supportedNode}: run the program with a newer one`);
    this.found = found;
  }
}

/** Versions between the supported lines are let through: npm warns of them.
 * @throws NodeVersionError
 */
export function checkNode(version: string): void {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  if (major < oldest[0] || (major === oldest[0] && minor < oldest[1])) throw new NodeVersionError(version);
}

checkNode(process.versions.node);
