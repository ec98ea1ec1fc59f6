/** A declaration that cannot be run as it stands. */
export class ScenarioError extends Error {
  override readonly name = "ScenarioError";
  readonly found: string;
  readonly where: string;
  readonly fix: string;

  constructor(found: string, { where, fix }: { readonly where: string; readonly fix: string }) {
    super(`${found}; ${where}; ${fix}`);
    this.found = found;
    this.where = where;
    this.fix = fix;
  }
}
