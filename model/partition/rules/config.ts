/** The configuration: one record under compare-and-set, with a log of its own. */
import { firstWrongArgument } from "../arguments.ts";
import type { ConfigCommand, ConfigReply, StoredConfig } from "../command.ts";
import { equal } from "../equal.ts";
import { append, begin, changesSince, layoutMismatch, nextVersion, successionOf } from "../feed.ts";
import { type Begun, type Log, type Step, versionOf } from "../state.ts";
import { sameVersion } from "../version.ts";

export interface ConfigPartition extends Log {
  /** null: none was ever put. */
  readonly config: StoredConfig | null;
}

export const emptyConfig: ConfigPartition = { meta: null, feed: [], server: 1, nextEpoch: 1, config: null };

type ConfigStep = Step<ConfigPartition, ConfigReply>;

/** The server's whole data is gone, as in `loseData`. */
export function loseConfig(state: ConfigPartition): ConfigPartition {
  return { ...emptyConfig, server: state.server, nextEpoch: state.nextEpoch };
}

export function configStep(state: ConfigPartition, command: ConfigCommand): ConfigStep {
  const argument = firstWrongArgument(command);
  if (argument !== null) return { state, reply: { kind: "invalid", argument }, changes: [] };
  const mismatch = layoutMismatch(state, command);
  if (mismatch !== null) return { state, reply: mismatch, changes: [] };
  return work(begin(state, command), command);
}

function work(state: Begun<ConfigPartition>, command: ConfigCommand): ConfigStep {
  switch (command.kind) {
    case "put_config":
      return putConfig(state, command);
    case "changes_since":
      return { state, reply: changesSince(state, command.since, command.limit), changes: [] };
    case "read_config":
      return {
        state,
        reply: { kind: "config", version: versionOf(state.meta), config: state.config, ...successionOf(state.meta) },
        changes: [],
      };
  }
}

/** Content that is stored already is never a conflict: a retry finds its own. */
function putConfig(
  before: Begun<ConfigPartition>,
  command: Extract<ConfigCommand, { readonly kind: "put_config" }>,
): ConfigStep {
  const { expected, content } = command;
  const stored = before.config?.version ?? null;
  const reply = (kind: "already" | "conflict"): ConfigStep => ({
    state: before,
    reply: { kind, version: versionOf(before.meta), config: stored },
    changes: [],
  });
  if (before.config !== null && equal(before.config.content, content)) return reply("already");
  if (!sameVersion(stored, expected)) return reply("conflict");
  const version = nextVersion(before);
  const change = { kind: "config", version, content } as const;
  const state = append<ConfigPartition>({ ...before, config: { version, content } }, change, command.feedMax);
  return { state, reply: { kind: "stored", version, config: version }, changes: [change] };
}
