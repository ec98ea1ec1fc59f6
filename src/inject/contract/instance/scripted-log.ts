/** The content of one partition of a check's store: its nodes, and its changes since the epoch began. The check writes it itself. */
import type { FeedChange, FeedEntry, KeptLoss } from "../../../protocol/feed.ts";
import type { NodeState } from "../../../protocol/node.ts";
import type { Version } from "../../../protocol/version.ts";

export const pair = { source: "de", target: "en" } as const;
const lists = { pools: ["p"], languages: [pair], services: [] } as const;

export class ScriptedLog {
  epoch = "a";
  sequence = 0;
  entries: FeedEntry[] = [];
  /** Losses of jobs that no instance has acknowledged; only those that a check puts here. */
  kept: readonly KeptLoss[] = [];
  readonly nodes = new Map<string, NodeState>();

  get version(): Version {
    return { epoch: this.epoch, sequence: this.sequence };
  }

  /** Another epoch: the nodes stay, its feed is empty. */
  begin(epoch: string): void {
    this.epoch = epoch;
    this.sequence = 0;
    this.entries = [];
  }

  register(node: string, more: Partial<NodeState> = {}): FeedEntry {
    const incarnation = `${this.epoch}:${this.sequence + 1}`;
    const content = { node, incarnation, finished: 0, max_jobs: 2, health_milli: 1_000, ...lists, ...more };
    const { finished, health_milli, languages, max_jobs, pools, services } = content;
    const offer = {
      node,
      incarnation: content.incarnation,
      finished,
      max_jobs,
      pools,
      languages,
      services,
      health_milli,
    };
    return this.add({ kind: "registered", ...offer, orphaned: [] });
  }

  add(change: FeedChange): FeedEntry {
    this.sequence += 1;
    const entry = { sequence: this.sequence, change };
    this.entries.push(entry);
    const after = this.#after(change);
    if (after === null) this.nodes.delete(change.node);
    else this.nodes.set(change.node, { ...after, version: this.version });
    return entry;
  }

  /** As the protocol says that the store writes it; null: removed. */
  #after(change: FeedChange): NodeState | null {
    const { version } = this;
    if (change.kind === "registered") {
      const { kind: _, orphaned: __, ...offer } = change;
      return { ...offer, status: "online", version, current_jobs: 0 };
    }
    const before = this.nodes.get(change.node);
    if (before === undefined || change.kind === "removed") return null;
    if (change.kind === "health") return { ...before, health_milli: change.health_milli };
    if ("orphaned" in change) return { ...before, status: change.kind, current_jobs: 0 };
    const finished = change.kind === "completed" ? change.finished : before.finished;
    return { ...before, current_jobs: change.current_jobs, finished };
  }
}
