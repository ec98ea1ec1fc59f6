import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { cutTimeline } from "../../../src/evidence/timeline-cut.ts";
import { renderTimeline } from "../../../src/report/timeline/space-time-page.ts";
import { mostEventsInPage, readStoredTimeline } from "../../../src/report/timeline/stored-timeline.ts";
import { hostileTexts } from "../page/hostile.ts";
import { smallTimeline } from "./small-timeline.ts";

describe("the data of a diagram in the file of its picture", () => {
  it("are read as they were written, whatever its texts hold", () => {
    fc.assert(
      fc.property(hostileTexts(), (text) => {
        const timeline = {
          ...smallTimeline,
          found: text,
          lanes: smallTimeline.lanes.map((lane) => ({ ...lane, name: text })),
        };
        expect(readStoredTimeline(renderTimeline(timeline))).toEqual(timeline);
      }),
    );
  });

  it("are the last events that a page has room for", () => {
    const [event] = smallTimeline.events;
    if (event === undefined) throw new TypeError("no event");
    const long = { ...smallTimeline, events: Array.from({ length: 300 }, () => event), broken: 299 };
    expect(readStoredTimeline(renderTimeline(long))).toEqual(cutTimeline(long, mostEventsInPage));
  });

  it.each([
    ["is no picture", "<p>"],
    ["has none", renderTimeline(smallTimeline).replace('id="timeline"', 'id="other"')],
    ["has a part of them", renderTimeline(smallTimeline).replace('"claim":', '"clam":')],
    ["has none that is JSON", renderTimeline(smallTimeline).replace('{"title"', "{title")],
    ["breaks off", renderTimeline(smallTimeline).replaceAll("</template>", "")],
    ["has more than a page takes", renderTimeline(smallTimeline).replace('"by hand"', `"${"x".repeat(500_000)}"`)],
  ])("are not read from a file that %s", (_, picture) => {
    expect(readStoredTimeline(picture)).toBeNull();
  });
});
