/**
 * J5: a place gets the lease that was asked for, and a heartbeat renews the leases of the jobs that it names and shortens none (`Grants`), and its
 * answer names those without a place (`UnknownJobs`); a place lasts as long as its lease was promised to last (`Renewals`); and at the end, once everything has healed, none outlives it by more than a return
 * to `normal` and two sweeps.
 */
import { inMs, type Judgement, type Terms } from "../../check/judgement.ts";
import { UnknownJobs } from "../answers/unknown-jobs.ts";
import type { JudgeEvent, PartitionSeen } from "../event.ts";
import { Findings } from "../findings.ts";
import type { Case, Judge } from "../judge.ts";
import { Grants } from "./grants.ts";
import { Renewals } from "./renewals.ts";

export function judgeLeases(theCase: Case): Judge {
  return new Leases(theCase);
}

class Leases implements Judge {
  readonly property = "J5";
  readonly hears = ["change", "leases_served", "returned", "phase", "partition", "epoch", "fault", "mode"] as const;
  readonly operations = ["heartbeat", "reserve_job", "dispatch"] as const;
  readonly #findings = new Findings("J5");
  readonly #renewals: Renewals;
  readonly #grants: Grants;
  readonly #unknown: UnknownJobs;
  /** How long a lease may be over, at the end. */
  readonly #grace: number;
  readonly #lease: number;
  readonly #sweeps: number;
  /** How long nothing need be due once the store is swept again (docs/protocol.md, sweep), and since when all of it may have been. */
  readonly #held: number;
  #sweptSince = Number.NEGATIVE_INFINITY;
  /** When places were given, each for a lease. */
  readonly #granted: number[] = [];
  #lapsed = 0;
  /** Leases that have to be over, unless they were renewed. */
  #due = 0;
  #isOver = false;
  /** Whether the ends of leases were looked at in the end. */
  #isCompared = false;

  constructor(theCase: Case) {
    const { bounds, terms } = theCase;
    this.#renewals = new Renewals(theCase, this.#findings);
    this.#grants = new Grants(theCase, this.#findings);
    this.#unknown = new UnknownJobs(theCase, this.#findings);
    this.#grace = bounds.convergence + 2 * longestSweep(terms);
    this.#sweeps = 2 * longestSweep(terms);
    this.#held = longestSweep(terms) + terms.heartbeatTtl * (1 - terms.ttlSpread);
    this.#lease = terms.lease ?? Number.POSITIVE_INFINITY;
  }

  on(event: JudgeEvent): void {
    if (event.kind === "change") {
      if (event.entry.kind === "reserved") this.#granted.push(event.at);
      this.#lapsed += event.entry.lapsed.length;
      this.#renewals.changed(event);
      this.#grants.changed(event);
    } else if (event.kind === "leases_served") this.#grants.served(event);
    else if (event.kind === "returned") {
      this.#renewals.answered(event.call);
      this.#grants.answered(event.call);
      this.#unknown.answered(event.call);
    } else if (event.kind === "epoch" || event.kind === "fault" || event.kind === "mode") this.#sweptSince = event.at;
    else if (event.kind === "phase") this.#isOver ||= event.name === "quiet";
    else if (event.kind === "partition" && this.#isOver) this.#looked(event);
  }

  finish(): Judgement {
    this.#renewals.judge();
    this.#grants.judge();
    this.#unknown.judge();
    const { outlived } = this.#renewals;
    return this.#findings.conclude({
      exercised: outlived + (this.#isCompared ? Math.max(this.#lapsed, this.#due) : 0),
      measures: [
        { name: "jobs_that_outlived_a_lease", value: outlived },
        { name: "leases_compared", value: this.#grants.compared },
        { name: "jobs_answered_as_unknown", value: this.#unknown.compared },
      ],
    });
  }

  #looked({ at, leases, line }: PartitionSeen): void {
    // Deadlines that were held until just now may be swept yet.
    if (leases === undefined || at <= this.#sweptSince + this.#held + this.#sweeps) return;
    this.#isCompared = true;
    this.#due = this.#granted.filter((since) => since + this.#lease + this.#grace < at).length;
    for (const { job, left, node } of leases) {
      if (!(-left > this.#grace)) continue;
      this.#findings.violate(() => [
        `job ${job} still has its place on node ${node} ${inMs(-left)} after its lease ended, allowed ${inMs(this.#grace)}`,
        `partition ${line.partition}, looked at ${inMs(at)}, after everything had healed`,
      ]);
    }
  }
}

/** Infinity: how often the store is swept is not known. */
function longestSweep({ sweepInterval = Number.POSITIVE_INFINITY, ttlSpread }: Terms): number {
  return sweepInterval * (1 + ttlSpread);
}
