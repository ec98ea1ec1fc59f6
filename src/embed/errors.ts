/** An option of `createScheduler` that cannot be used; thrown before anything is connected. Settings and addresses have errors of their own. */
export class OptionsError extends Error {
  override readonly name = "OptionsError";

  constructor(where: string, found: string, allowed: string) {
    super(`${where}: found ${found}, allowed ${allowed}; see docs/embedding.md, Options`);
  }
}
