import { describe, expect, it } from "vitest";
import { withoutUndefined } from "../../src/evidence/without-undefined.ts";

interface Options {
  readonly seed: number;
  readonly mutant?: string;
}

describe("withoutUndefined", () => {
  it("leaves out the fields that are undefined, and only those", () => {
    const fields = { seed: 0, mutant: undefined, on: false, reason: null, name: "" };
    const kept = withoutUndefined(fields);
    expect(Object.keys(kept)).toEqual(["seed", "on", "reason", "name"]);
    expect(fields).toHaveProperty("mutant");
  });

  it("keeps a default that is spread before it", () => {
    const given: string | undefined = undefined;
    const options: Options = {
      seed: 1,
      mutant: "default",
      ...withoutUndefined({ mutant: given as string | undefined }),
    };
    expect(options.mutant).toBe("default");
  });
});
