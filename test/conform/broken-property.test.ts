/** Which property a difference between a script and the model breaks: the most specific one that says anything of it. */
import { describe, expect, it } from "vitest";
import { brokenProperty } from "../../src/conform/broken-property.ts";
import type { Divergence } from "../../src/conform/execute.ts";
import type { CallMove } from "../../src/conform/plan/plan.ts";
import { resolve } from "../../src/conform/plan/resolve.ts";
import { emptyWorld } from "../../src/conform/plan/world.ts";

const register: CallMove = {
  ...{ do: "register_node", delivery: "delivered", node: 0, token: "new", expected: "right", maxJobs: 1 },
  ...{ pools: [], languages: [], ttl: 15_000 },
};
const sweep: CallMove = {
  ...{ do: "sweep", delivery: "delivered", partition: 0, candidates: "due", retention: 5_000 },
  limit: 1,
  jobLimit: 1_000,
  offset: 0,
  gap: 86_400_000,
  grace: 0,
};

type Replies = Pick<Divergence, "modelReply" | "storeReply">;

function broken(move: CallMove, path: readonly string[], found: Partial<Divergence>): string {
  const resolved = resolve(move, emptyWorld, 1_000, "t");
  const difference = { path, model: "a", store: "b" } as Divergence["difference"];
  const nothing: Replies = { modelReply: null, storeReply: null };
  return brokenProperty({ step: 1, move, resolved, attempt: 1, where: "content", difference, ...nothing, ...found });
}

const replied = (modelReply: Replies["modelReply"]): Partial<Divergence> => ({ where: "reply", modelReply });

describe("a difference", () => {
  it("in what a script is to refuse, or in a refusal, is of K7", () => {
    expect(broken(register, ["kind"], replied({ kind: "invalid", argument: "node" }))).toBe("K7");
    const refused = { path: ["kind"], model: "registered", store: "invalid" };
    expect(broken(register, [], { ...replied({ kind: "registered" }), difference: refused })).toBe("K7");
    expect(broken(register, ["kind"], replied({ kind: "layout_mismatch" }))).toBe("K7");
    const accepted = { storeReply: { kind: "registered", version: "e1:1" } };
    expect(broken(register, ["kind"], { ...replied({ kind: "invalid", argument: "node" }), ...accepted })).toBe("K7");
  });

  it("in what is published is of K7, also where it is a version", () => {
    expect(broken(register, ["published", "0", "1"], {})).toBe("K7");
  });

  it("in a field of a node that no other property is about is of K7, and in its jobs of J1", () => {
    expect(broken(register, ["lp:{p0}:node:n", "health_milli"], {})).toBe("K7");
    expect(broken(register, ["lp:{p0}:node:n", "current_jobs"], {})).toBe("J1");
    expect(broken(register, ["lp:{p0}:node:n", "version"], {})).toBe("V1");
  });

  it("in when the partition was swept, and in what is due while nothing is, is of N4", () => {
    const idle = { kind: "swept", expired: [], removed: [], lapsed: [], failed: [], due: [] };
    expect(broken(sweep, ["lp:{p0}:meta", "held_ms"], {})).toBe("N4");
    expect(broken(sweep, ["due", "0"], replied(idle))).toBe("N4");
  });

  it("in the nodes that a sweep expired is of K7, and in the places that it freed of J4", () => {
    expect(broken(sweep, ["expired", "0"], replied({ kind: "swept", lapsed: [] }))).toBe("K7");
    expect(broken(sweep, ["lapsed", "0"], replied({ kind: "swept", lapsed: [["n", "a"]] }))).toBe("J4");
  });
});
