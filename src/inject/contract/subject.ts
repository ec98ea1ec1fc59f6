/** Names of the checks of the contract, as subjects of tokens. Apart from the checks, which take a second to load. */

const prefix = "contract-";

export function isContract(scenario: string): boolean {
  return scenario.startsWith(prefix);
}

/** The subject of the check's token. */
export function contractSubject(check: string): string {
  return `${prefix}${check}`;
}

/** @param scenario a subject of a contract's token */
export function checkOf(scenario: string): string {
  return scenario.slice(prefix.length);
}
