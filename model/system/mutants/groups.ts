/** Mutants of a group: each answers, or publishes, it as if it were one call. */
import { StoreCalls } from "../rules/calls.ts";
import type { Group, State } from "../state.ts";
import type { Mutant } from "./mutant.ts";

export const groupMutants: Readonly<Record<string, Mutant>> = {
  "group-answered-as-one": {
    means: "the reply of a group's first item is taken for that of each",
    replaces: {
      StoreCalls: class extends StoreCalls {
        override serveGroup(state: State, group: Group, isAnswered: boolean): boolean {
          if (!super.serveGroup(state, group, isAnswered)) return false;
          const [first, ...others] = group;
          const isTaken = first?.kind === "Reserve" && state.job.get(first.j).kind === "held";
          if (!isAnswered || !isTaken) return true;
          for (const each of others)
            if (each.kind === "Reserve") state.job.set(each.j, this.domains.Job.make.held({ n: each.n }));
          return true;
        }
      },
    },
  },
  "group-published-as-one": {
    means: "the feed gets one entry for a group, that of its first change",
    replaces: {
      StoreCalls: class extends StoreCalls {
        override serveGroup(state: State, group: Group, isAnswered: boolean): boolean {
          const before = state.store.meta;
          if (!super.serveGroup(state, group, isAnswered)) return false;
          const { epoch, sequence } = state.store.meta;
          const first = epoch === before.epoch ? before.sequence + 1 : 1;
          const kept = [...state.store.feed].filter((entry) => entry.sequence <= first);
          if (sequence === first) return true;
          state.store.feed.clear();
          for (const entry of kept) state.store.feed.push(entry);
          return true;
        }
      },
    },
  },
};
