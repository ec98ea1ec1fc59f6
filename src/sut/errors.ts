/** A system under test that does not keep to the line protocol, or does not start: never a verdict about the scheduler in it. */

export interface SutComplaint {
  readonly found: string;
  readonly allowed: string;
  /** Which instance, and which of its lines. */
  readonly where: string;
  readonly fix: string;
}

export class SutError extends Error {
  override readonly name = "SutError";
  readonly complaint: SutComplaint;
  readonly fix = "run `lockproof sut check -- <command>`: it names each step at which the system is wrong";

  constructor(complaint: SutComplaint) {
    super(`${complaint.where}: found ${complaint.found}; allowed: ${complaint.allowed}. ${complaint.fix}`);
    this.complaint = complaint;
  }
}

/** A line for a message, shortened: it may be hostile or endless. */
export function shown(line: string): string {
  return JSON.stringify(line.length > 120 ? `${line.slice(0, 117)}...` : line);
}
