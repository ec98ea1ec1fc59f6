import { describe, expect, it } from "vitest";
import { Ears, runSmall } from "../small.ts";

const at = 500;
const lasts = 400;
const end = at + lasts;

describe("a partition that has moved to another node", () => {
  it("is asked there with the source of each script once more, and while it moves no caller gets NOSCRIPT", async () => {
    const ears = new Ears("refused", "sent");
    await runSmall([{ kind: "slot_migration", at, lasts, partition: 1 }], { listeners: [ears] });
    const asked = new Map(ears.of("sent").map(({ partition, request }) => [request, partition]));
    const refused = ears.of("refused").filter(({ request }) => asked.get(request) === 1);
    const during = refused.filter((one) => one.at > at && one.at < end);
    expect(new Set(during.map(({ cause }) => cause))).toEqual(new Set(["moved"]));
    // By then both instances had asked for changes for most of a second.
    const again = refused.filter((one) => one.at >= end && one.script === "changes_since");
    expect(again.map(({ cause }) => cause)).toContain("no_script");
    expect(again.length).toBeLessThanOrEqual(2);
  });
});
