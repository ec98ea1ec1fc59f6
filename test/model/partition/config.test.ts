import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { brokenLog } from "../../../model/partition/checks/invariants.ts";
import { sequenceViolations } from "../../../model/partition/checks/violations.ts";
import type { ConfigCommand, ConfigContent, Version } from "../../../model/partition/command.ts";
import { changeServer } from "../../../model/partition/partition.ts";
import { type ConfigPartition, configStep, emptyConfig, loseConfig } from "../../../model/partition/rules/config.ts";
import { version } from "./commands.ts";

const call = { at: 1000, partitions: 4, feedMax: 3 };
const contentOf = (hashSeed: number): ConfigContent => ({
  enabled: true,
  poolCount: 1,
  hashSeed,
  fallbackScanAllPools: false,
  pools: [{ id: "p", name: "P", required_services: ["s"], language_pairs: [{ source: "en", target: "zh" }] }],
});
const put = (hashSeed: number, expected: Version | null): ConfigCommand => ({
  ...call,
  kind: "put_config",
  expected,
  content: contentOf(hashSeed),
});
const since = (from: Version): ConfigCommand => ({ ...call, kind: "changes_since", since: from, limit: 10 });
const read: ConfigCommand = { ...call, kind: "read_config" };
const stateAfter = (...commands: readonly ConfigCommand[]): ConfigPartition =>
  commands.reduce((state, command) => configStep(state, command).state, emptyConfig);

describe("put_config", () => {
  it("stores the first configuration where none is expected", () => {
    const { state, reply, changes } = configStep(emptyConfig, put(1, null));
    expect(reply).toEqual({ kind: "stored", version: version(1), config: version(1) });
    expect(changes).toEqual([{ kind: "config", version: version(1), content: contentOf(1) }]);
    expect(configStep(state, read).reply).toEqual({
      kind: "config",
      generation: 1,
      past: [],
      version: version(1),
      config: { version: version(1), content: contentOf(1) },
    });
  });

  it.each<[string, ConfigPartition, ConfigCommand, object]>([
    ["already to the same content", stateAfter(put(1, null)), put(1, null), { kind: "already", config: version(1) }],
    [
      "already whatever is expected",
      stateAfter(put(1, null)),
      put(1, version(9)),
      { kind: "already", config: version(1) },
    ],
    [
      "conflict where none is expected",
      stateAfter(put(1, null)),
      put(2, null),
      { kind: "conflict", config: version(1) },
    ],
    [
      "conflict to another version",
      stateAfter(put(1, null)),
      put(2, version(2)),
      { kind: "conflict", config: version(1) },
    ],
    [
      "conflict to another epoch",
      stateAfter(put(1, null)),
      put(2, version(1, 2)),
      { kind: "conflict", config: version(1) },
    ],
    ["conflict where there is none", stateAfter(read), put(1, version(1)), { kind: "conflict", config: null }],
  ])("answers %s and changes nothing", (_, before, command, reply) => {
    const step = configStep(before, command);
    expect(step.reply).toEqual({ version: { epoch: 1, sequence: before.meta?.sequence }, ...reply });
    expect(step).toMatchObject({ state: before, changes: [] });
  });

  it("replaces the version it expects, of an earlier epoch too", () => {
    const { state, reply } = configStep(changeServer(stateAfter(put(1, null))), put(2, version(1)));
    expect(reply).toEqual({ kind: "stored", version: version(1, 2), config: version(1, 2) });
    expect(state.feed).toHaveLength(1);
  });
});

describe("the configuration's log", () => {
  it("has what was missed, or says that it cannot", () => {
    const state = stateAfter(put(1, null), put(2, version(1)));
    expect(configStep(state, since(version(1))).reply).toMatchObject({ kind: "changes", entries: [{ sequence: 2 }] });
    expect(configStep(changeServer(state), since(version(1))).reply).toEqual({
      kind: "resync",
      version: version(0, 2),
      generation: 2,
      past: [1],
    });
  });

  it("refuses callers of another layout", () => {
    const before = stateAfter(put(1, null));
    const reply = { kind: "layout_mismatch", version: version(1), layout: 2, partitions: 4 };
    expect(configStep(before, { ...read, partitions: 5 })).toEqual({ state: before, reply, changes: [] });
  });

  it("grows by one a change, and never reuses an epoch, whatever is lost", () => {
    const move = fc.oneof(
      { weight: 6, arbitrary: fc.nat(2).map((seed) => seed) },
      { weight: 1, arbitrary: fc.constantFrom("lost" as const, "another server" as const) },
    );
    fc.assert(
      fc.property(fc.array(move, { maxLength: 30 }), (moves) => {
        let state = emptyConfig;
        for (const next of moves) {
          if (next === "lost") state = loseConfig(state);
          else if (next === "another server") state = changeServer(state);
          else {
            const command = put(next, state.config?.version ?? null);
            const step = configStep(state, command);
            expect([...brokenLog(step.state), ...sequenceViolations(state, step.state, step.changes)]).toEqual([]);
            expect(step.state.config?.content).toEqual(contentOf(next));
            const again = configStep(step.state, command);
            expect(again.state).toEqual(step.state);
            expect(again.reply).toEqual({ ...step.reply, kind: "already" });
            state = step.state;
          }
        }
      }),
    );
  });
});
