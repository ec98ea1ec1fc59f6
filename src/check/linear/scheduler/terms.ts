/** The bounds of changes that a scheduler makes by itself, in the unit of a history's times. */

export interface NodeTerms {
  /** From a registration or heartbeat on; the jitter is deducted. */
  readonly ttl: number;
  /** The lease of a reservation that names none, and of a heartbeat. */
  readonly lease: number;
  /** How long a finished job is remembered, */
  readonly doneFor: number;
  /** and until so many others were finished on its node. */
  readonly doneMax: number;
  /** How long a node that is not online is remembered. */
  readonly retention: number;
}

/** Data that the store may have lost, as the fault log says. It happens once, or never. */
export interface Loss {
  readonly from: number;
  readonly until: number;
  /** The node becomes what it was at some time from then on; null: the store does not know it any more. */
  readonly since: number | null;
}

/** The most losses of one node: each is a bit. */
export const mostLosses = 30;

/** One node of a history. */
export interface NodeFacts {
  readonly terms: NodeTerms;
  readonly losses: readonly Loss[];
  /** The history begins in the middle: nothing is known of the node at first. */
  readonly isOpen: boolean;
  /** The first call of the history, and its first answer, of any node: by then the recording had begun. */
  readonly beginsAt: number;
  readonly answersFrom: number;
  /** How many answers `registered` name each incarnation. */
  readonly given: ReadonlyMap<string, number>;
  /** A registration was not answered, so an incarnation may not be known. */
  readonly hasUnnamed: boolean;
  /** The names of its jobs, by number. */
  readonly jobs: readonly string[];
}
