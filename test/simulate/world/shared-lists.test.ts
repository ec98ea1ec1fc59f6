import { describe, expect, it } from "vitest";
import type { NodeRecord } from "../../../model/partition/command.ts";
import { idList, languageList } from "../../../src/redis/scripts/reply.ts";
import { toFeedEntry, toNodeState } from "../../../src/simulate/servers/protocol-values.ts";
import { shared } from "../../../src/simulate/servers/shared-lists.ts";

const record = (): NodeRecord => ({
  ...{ status: "online", incarnation: { epoch: 1, sequence: 2 }, version: { epoch: 1, sequence: 2 } },
  ...{ registration: "t", heartbeatSeq: 0, heartbeatChunk: 0, maxJobs: 1 },
  ...{ currentJobs: 0, finished: 0, metrics: null, healthMilli: 1 },
  ...{ services: ["asr"], languages: [{ source: "de", target: "en" }], pools: ["a"], expiresAt: 1 },
});

describe("lists in the simulated store's answers", () => {
  it("are one where they are equal, as those that are read from a real Redis", () => {
    expect(idList("pools", '["a"]')).toBe(idList("pools", '["a"]'));
    expect(languageList("languages", '[["de","en"]]')).toBe(languageList("languages", '[["de","en"]]'));
    const [one, other] = [toNodeState("n", record()), toNodeState("n", record())];
    for (const list of ["pools", "languages", "services"] as const) expect(one[list]).toBe(other[list]);
    const { pools, languages, services } = record();
    const numbers = { finished: 0, maxJobs: 1, healthMilli: 1, orphaned: [], incarnation: { epoch: 1, sequence: 2 } };
    const { change } = toFeedEntry({
      sequence: 2,
      change: { kind: "registered", node: "n", pools, languages, services, ...numbers },
    });
    expect(change).toMatchObject({ kind: "registered" });
    if (change.kind === "registered") expect(change.pools).toBe(one.pools);
  });

  it("are others where they are not", () => {
    expect(shared(["a"])).not.toBe(shared(["a", "b"]));
    expect(shared(["b", "a"])).toEqual(["b", "a"]);
  });
});
