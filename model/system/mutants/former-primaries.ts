/** Mutants of the order of epochs: what a store says of it, and what an instance makes of that. */
import type { Succession } from "../../partition/command.ts";
import { step } from "../../partition/partition.ts";
import type { Meta } from "../../partition/state.ts";
import { Epochs } from "../rules/epochs.ts";
import type { Instance } from "../state.ts";
import type { PartitionRule } from "../store.ts";
import type { Mutant } from "./mutant.ts";

export const formerPrimaryMutants: Readonly<Record<string, Mutant>> = {
  "left-epoch-forgotten": {
    means: "an instance abandons the epochs that the new one continues, but not its own",
    replaces: {
      Epochs: class extends Epochs {
        protected override leftBehind({ page }: Instance): readonly number[] {
          return this.domains.order.membersOf(page.succession.past);
        }
      },
    },
  },
  "past-ignored": {
    means: "an instance abandons its own epoch, but not those that the new one continues",
    replaces: {
      Epochs: class extends Epochs {
        protected override leftBehind({ version }: Instance): readonly number[] {
          return [version.epoch];
        }
      },
    },
  },
  "generation-ignored": {
    means: "an instance follows every epoch that it has not abandoned, whatever its generation",
    replaces: {
      Epochs: class extends Epochs {
        protected override isLower(): boolean {
          return false;
        }
      },
    },
  },
  "equal-generation-refused": {
    means: "an instance follows only a higher generation of the same first epoch",
    replaces: {
      Epochs: class extends Epochs {
        protected override isLower(generation: number, own: number): boolean {
          return generation <= own;
        }
      },
    },
  },
  "generation-kept": {
    means: "an epoch has the generation of the one that it continues",
    replaces: { step: begunWith(({ generation }) => ({ generation })) },
  },
  "past-not-kept": {
    means: "an epoch does not name those that it continues",
    replaces: { step: begunWith(() => ({ past: [] })) },
  },
};

/** An epoch that continues another one begins with something else in its place. */
function begunWith(changed: (found: Meta) => Partial<Succession>): PartitionRule {
  return (partition, command) => {
    const done = step(partition, command);
    const { meta: found } = partition;
    const { meta } = done.state;
    if (found === null || meta === null || meta.epoch === found.epoch) return done;
    return { ...done, state: { ...done.state, meta: { ...meta, ...changed(found) } } };
  };
}
