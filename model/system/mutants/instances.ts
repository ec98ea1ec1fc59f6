/** Mutants of an instance: each changes how it follows the feed, or how it updates its view. */
import type { FeedEntry, Version as FullVersion } from "../../partition/command.ts";
import { StoreCalls } from "../rules/calls.ts";
import { Following } from "../rules/following.ts";
import { View } from "../rules/view.ts";
import type { Change, Instance, Message, Seen, State, Version } from "../state.ts";
import type { Mutant } from "./mutant.ts";

export const followingMutants: Readonly<Record<string, Mutant>> = {
  "published-first": {
    means:
      "a change is published before it is written, and an instance takes the version that is announced for reached",
    replaces: {
      StoreCalls: class extends StoreCalls {
        override send(state: State, message: Message): boolean {
          if (!super.send(state, message)) return false;
          if (message.kind !== "Found") this.wakeAll(state);
          return true;
        }
        protected override announce(): void {}
      },
      Following: class extends Following {
        protected override takeNothing(instance: Instance, { epoch }: FullVersion, wasWoken: boolean): void {
          const { domains, sequences } = this.parts;
          const { sequence } = instance.version;
          if (!wasWoken || sequence >= sequences) return;
          instance.version = domains.Version.of({ epoch, sequence: sequence + 1 });
        }
      },
    },
    reads: ["wake_ups"],
  },
  "page-for-every-gap": {
    means: "an instance that has missed something loads everything",
    replaces: {
      Following: class extends Following {
        protected override takeChange(state: State, instance: Instance, _entry: FeedEntry): boolean {
          return this.loadPage(state, instance);
        }
      },
    },
  },
  "wake-ups-trusted": {
    means: "an instance asks for changes only when it is woken: no gap is ever noticed",
    replaces: {
      Following: class extends Following {
        override mayFetch(instance: Instance): boolean {
          return super.mayFetch(instance) && (instance.isWoken || instance.version.epoch === 0);
        }
      },
    },
    reads: ["wake_ups"],
  },
};

export const versionMutants: Readonly<Record<string, Mutant>> = {
  "epochs-ignored": {
    means: "versions are compared by their sequence alone: the highest wins",
    replaces: {
      Following: class extends Following {
        protected override since({ store }: State, { version: { epoch, sequence } }: Instance): FullVersion {
          return { epoch: epoch > 0 ? store.meta.epoch : epoch, sequence };
        }
        protected override takeNothing(instance: Instance, { epoch }: FullVersion): void {
          const { sequence } = instance.version;
          instance.version = this.parts.domains.Version.of({ epoch, sequence });
        }
      },
      View: class extends View {
        protected override isNext(news: Version, version: Version): boolean {
          return news.sequence === version.sequence + 1;
        }
        protected override isNewer(): boolean {
          return true;
        }
      },
    },
    reads: ["wake_ups", "record_versions", "lookups"],
  },
  "versions-by-node": {
    means: "each node numbers its own versions, from 1 when it registers",
    replaces: {
      View: class extends View {
        protected override sequenceAfter(held: Seen | null, change: Change): number {
          return change.kind === "registered" ? 1 : (held?.sequence ?? 0) + 1;
        }
      },
    },
    reads: ["record_versions"],
  },
};

export const viewMutants: Readonly<Record<string, Mutant>> = {
  "cache-replaced": {
    means: "an answer to a lookup replaces what is held, whatever its version",
    replaces: {
      View: class extends View {
        protected override isOfUse(): boolean {
          return true;
        }
      },
    },
    reads: ["record_versions", "lookups"],
  },
  "page-adds": {
    means: "a resync adds what the page has, and keeps what it has not",
    replaces: {
      View: class extends View {
        protected override replace(instance: Instance, n: number, found: Seen | null): void {
          if (found !== null) super.replace(instance, n, found);
        }
      },
    },
    reads: ["record_versions"],
  },
  "miss-mark-kept": {
    means: "a mark that a node is missing outlives the node's registration",
    replaces: {
      View: class extends View {
        protected override unmark(): void {}
      },
    },
  },
};
