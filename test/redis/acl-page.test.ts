import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { clusterCommands, leastPrivilege, watchPrivilege } from "../../src/redis/acl.ts";

const page = readFileSync(new URL("../../docs/acl.md", import.meta.url), "utf8");

describe("docs/acl.md", () => {
  it("has the rules that the tests run with", () => {
    expect(page).toContain(`ACL SETUSER scheduler ${leastPrivilege("lp:").join(" ")} ><password>`);
    for (const command of clusterCommands) expect(page).toContain(`\`+${command}\``);
  });

  it("and no others in a Cluster", () => {
    const more = leastPrivilege("lp:", "cluster").filter((rule) => !leastPrivilege("lp:").includes(rule));
    expect(more).toEqual(clusterCommands.map((command) => `+${command}`));
  });

  it("has the rules of the user of a watch", () => {
    expect(page).toContain(`ACL SETUSER watcher ${watchPrivilege("lp:").join(" ")} ><password>`);
  });
});
