/** Mutants of a job's client, and of the lease that it holds. */
import { StoreCalls } from "../rules/calls.ts";
import { Clients } from "../rules/clients.ts";
import type { Job } from "../state.ts";
import type { Mutant } from "./mutant.ts";

export const clientMutants: Readonly<Record<string, Mutant>> = {
  "retry-renamed": {
    means: "a reserve that was not answered is tried again under another job id",
    replaces: {
      Clients: class extends Clients {
        protected override idOfRetry(j: number): number {
          return (j + 1) % this.domains.jobs.size;
        }
      },
    },
    reads: ["dispatches"],
  },
  "acknowledged-when-sent": {
    means: "a reservation counts as acknowledged when it has been sent",
    replaces: {
      Clients: class extends Clients {
        protected override dispatched(n: number): Job {
          return this.domains.Job.make.held({ n });
        }
      },
    },
  },
  "leases-for-ever": {
    means: "no lease ever lapses",
    replaces: {
      StoreCalls: class extends StoreCalls {
        override mayLapse(): boolean {
          return false;
        }
      },
    },
  },
};
