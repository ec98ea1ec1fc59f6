import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { statesAfter, type Timeline } from "../../../src/evidence/timeline.ts";
import { cutTimeline } from "../../../src/evidence/timeline-cut.ts";
import { drawPictures } from "../../../src/report/pictures/pictures.ts";
import { renderTimeline } from "../../../src/report/timeline/space-time-page.ts";
import { timelineLines } from "../../../src/report/timeline/words.ts";
import { type Element, parseXml } from "../files/xml.ts";
import { hostileText, hostileTexts } from "../page/hostile.ts";
import { layer, sampleToken, violation } from "../sample.ts";
import { smallTimeline } from "./small-timeline.ts";

/** The page as XML, which is stricter than HTML: every tag closed, every attribute in quotes, every text escaped. */
function parsed(page: string): Element {
  const [first, ...rest] = page.split("\n");
  expect(first).toBe("<!doctype html>");
  return parseXml(
    `<?xml?>${rest
      .join("\n")
      .trim()
      .replaceAll(/<meta ([^>]*)>/g, "<meta $1/>")}`,
  );
}

function all(element: Element, name: string): readonly Element[] {
  return element.children.flatMap((child) => [...(child.name === name ? [child] : []), ...all(child, name)]);
}

function textOf(element: Element): string {
  return element.text + element.children.map(textOf).join(" ");
}

const english = (element: Element): string =>
  all(element, "tspan").find(({ attributes }) => attributes["lang"] === "en")?.text ?? textOf(element);

const ofClass = (page: Element, name: string, className: string): readonly Element[] =>
  all(page, name).filter((each) => each.attributes["class"]?.split(" ").includes(className));

/** The same timeline with this text in every place. */
function saying(text: string): Timeline {
  const { lanes, before, events, messages, spans, pointOfNoReturn } = smallTimeline;
  return {
    ...smallTimeline,
    ...{ title: text, claim: text, found: text },
    lanes: lanes.map((lane) => ({ ...lane, name: text })),
    before: before.map((holding) => ({ ...holding, lines: [text, text] })),
    events: events.map((event) => ({ ...event, words: text })),
    messages: messages.map((message) => ({ ...message, words: text })),
    spans: spans.map((span) => ({ ...span, words: text })),
    pointOfNoReturn: { ...pointOfNoReturn, why: text },
  };
}

function longTimeline(events: number, words = "does it again"): Timeline {
  return {
    ...smallTimeline,
    events: Array.from({ length: events }, (_, index) => ({
      ...{ lane: "s", kind: "step", at: index, words: `${words} ${index}` },
      holds: [{ lane: "s", lines: [`${index} ${words}`] }],
    })),
    messages: Array.from({ length: events - 1 }, (_, index) => ({
      ...{ sent: index, from: "s", ended: index + 1, to: "i", words: `message ${index}`, fate: "arrived" },
    })),
    broken: events - 1,
    pointOfNoReturn: { kind: "inevitable", after: 3, why: "so it is" },
  };
}

describe("a timeline in words", () => {
  it("has the events, the messages in flight, the states, the violation and the point of no return", () => {
    expect(timelineLines(smallTimeline).join("\n")).toBe(
      `J2 a reserve never takes a node past its capacity
  in                  by hand
  claimed             never more than one job
  found               2 jobs, allowed 1
  point of no return  since 3: job 0 has to arrive

before
    store holds: 0 of 1 jobs
    instance 0 believes: node 0: 0 jobs
                         up to 1:1
1  0.0 ms  client a reserves job 0
    -> client a to store: reserve job 0 (arrives at 5)
2  1.0 ms  client a reserves job 1
    -> client a to store: reserve job 1 (arrives at 3)
3  NO RETURN  2.3 ms  store takes job 1
    <- client a to store: reserve job 1 (sent at 2)
    <> store to client a: reserved
    -> store to instance 0: wake-up (is lost at 4)
    store holds: 1 of 1 jobs
4  3.0 ms  network loses the wake-up
    xx store to instance 0: wake-up (sent at 3, lost here)
5  BROKEN  4.0 ms  store takes job 0
    <- client a to store: reserve job 0 (sent at 1, late: something sent after it came before it)
    xx store to client a: reserved (lost)
    -> store to instance 0: wake-up (is still in flight)
    store holds: 2 of 1 jobs

replay: lockproof replay ${sampleToken}`,
    );
  });

  it("marks the loop of a lasso, and the rest", () => {
    const round = timelineLines({ ...smallTimeline, loop: { kind: "round", from: 3 }, broken: null });
    expect(round).toContain("from here 2 events repeat for ever:");
    expect(round.at(-3)).toBe("and again from 4, for ever (4 to 5)");
    const rest = timelineLines({ ...smallTimeline, loop: { kind: "rest" } });
    expect(rest.at(-3)).toBe("and there it may rest for ever: nothing that is fair can happen");
  });

  it("never estimates the point of no return", () => {
    const lines = timelineLines({ ...smallTimeline, pointOfNoReturn: { kind: "not_computed", why: "too much" } });
    expect(lines).toContain("  point of no return  not computed: too much");
    expect(lines.join("\n")).not.toContain("NO RETURN");
  });
});

describe("the state of a lane", () => {
  it("is the last one that was listed", () => {
    expect(statesAfter(smallTimeline, 3).get("s")).toEqual(["1 of 1 jobs"]);
    expect(statesAfter(smallTimeline, -1).get("s")).toEqual(["0 of 1 jobs"]);
  });
});

describe("the picture", () => {
  const page = parsed(renderTimeline(smallTimeline));

  it("has a lane for each participant, an arrow for each message, a cross for a loss, and marks the violation", () => {
    const [picture] = ofClass(page, "svg", "space-time");
    if (picture === undefined) throw new TypeError("no picture");
    expect(ofClass(picture, "g", "lane")).toHaveLength(4);
    expect(ofClass(picture, "g", "message")).toHaveLength(6);
    expect(ofClass(picture, "path", "cross")).toHaveLength(2);
    expect(ofClass(picture, "g", "event").map((each) => each.attributes["class"])).toEqual([
      "event call",
      "event call",
      "event step",
      "event fault",
      "event step broken",
    ]);
    expect(ofClass(picture, "rect", "span")).toHaveLength(1);
    expect(ofClass(picture, "text", "band-label").map(english)).toEqual(["broken", "point of no return"]);
    expect(ofClass(picture, "g", "message").map((each) => textOf(all(each, "text")[0] ?? each))).toContain(
      "reserve job 0 (late)",
    );
  });

  it("draws an arrow from where it was sent to where it arrived", () => {
    const [picture] = ofClass(page, "svg", "space-time");
    const circles = all(picture ?? page, "circle").map(({ attributes: { cx, cy } }) => [Number(cx), Number(cy)]);
    const { x1, y1, x2, y2 } = all(ofClass(picture ?? page, "g", "message")[1] ?? page, "line")[0]?.attributes ?? {};
    const [from = [], to = []] = [circles[1], circles[2]];
    expect(Math.hypot(Number(x1) - (from[0] ?? 0), Number(y1) - (from[1] ?? 0))).toBeLessThan(8);
    expect(Math.hypot(Number(x2) - (to[0] ?? 0), Number(y2) - (to[1] ?? 0))).toBeLessThan(8);
  });

  it("has a table of the states, one row for each event", () => {
    const rows = all(ofClass(page, "table", "holdings")[0] ?? page, "tr");
    expect(rows).toHaveLength(7);
    expect(rows[4]?.children.map((each) => textOf(each))).toEqual([
      "3",
      "2.3 ms  store takes job 1",
      "",
      "1 of 1 jobs",
    ]);
    expect(rows.at(-1)?.attributes["class"]).toBe("broken-row");
  });

  it("loads nothing and runs nothing", () => {
    expect(renderTimeline(smallTimeline)).not.toMatch(
      /<script|<link|<iframe|<img|https?:|url\((?!#)|@import|src=| on\w+=/i,
    );
  });

  it("marks the loop", () => {
    const round = parsed(renderTimeline({ ...smallTimeline, loop: { kind: "round", from: 3 } }));
    expect(ofClass(round, "g", "loop").map(textOf).join()).toContain("for ever");
    expect(ofClass(page, "g", "loop")).toHaveLength(0);
  });

  it("is well-formed, and keeps every text in its place, whatever it holds", () => {
    const names = (element: Element): ReadonlySet<string> =>
      new Set(element.children.flatMap((child) => [child.name, ...names(child)]));
    const known = names(page);
    fc.assert(
      fc.property(hostileTexts(), (text) => {
        for (const name of names(parsed(renderTimeline(saying(text))))) expect(known).toContain(name);
      }),
      { numRuns: 60 },
    );
    expect(renderTimeline(saying(hostileText))).toContain("&lt;script&gt;alert(1)");
  });

  it("stays within its cap, says what was cut, and keeps the end", () => {
    const text = renderTimeline(longTimeline(5_000, "x".repeat(2_000)));
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(1_000_000);
    expect(text).toMatch(/Cut: 4,\d\d\d events left out before the first/);
    expect(ofClass(parsed(text), "tr", "broken-row")).toHaveLength(1);
    const small = renderTimeline(longTimeline(300), 40_000);
    expect(Buffer.byteLength(small)).toBeLessThanOrEqual(40_000);
    expect(renderTimeline(smallTimeline)).not.toContain("Cut:");
  });
});

describe("a timeline that is cut", () => {
  const cut = cutTimeline(longTimeline(10), 4);

  it("keeps its last events, and references to them stay correct", () => {
    expect(cut.events.map(({ at }) => at)).toEqual([6, 7, 8, 9]);
    expect(cut.broken).toBe(3);
    for (const { sent, ended, words } of cut.messages) {
      const number = Number(words.replace("message ", ""));
      if (sent >= 0) expect(cut.events[sent]?.at).toBe(number);
      expect(cut.events[ended ?? -1]?.at).toBe(number + 1);
    }
    expect(cut.messages.map(({ sent }) => sent)).toEqual([-1, 0, 1, 2]);
    expect(cut.before).toEqual([
      { lane: "s", lines: ["5 does it again"] },
      { lane: "i", lines: ["node 0: 0 jobs", "up to 1:1"] },
    ]);
    expect(cut.omitted).toEqual({ count: 6, where: "before the first" });
  });

  it("says that a point of no return lies before its first event", () => {
    expect(cut.pointOfNoReturn).toEqual({
      kind: "inevitable",
      after: -1,
      why: "so it is (that was 3 events before the first one here)",
    });
    expect(cutTimeline(longTimeline(10), 8).pointOfNoReturn).toMatchObject({ after: 1 });
  });

  it("is unchanged where nothing is cut", () => expect(cutTimeline(smallTimeline, 5)).toBe(smallTimeline));
});

describe("the pictures of a report", () => {
  it("are files, which the violations name, and only they have the timelines", () => {
    const red = layer("explore", {
      violations: [
        violation({ layer: "explore", property: "J2", timeline: smallTimeline, files: ["a.json"] }),
        violation(),
      ],
    });
    const { evidence, files } = drawPictures([layer("conform"), red]);
    expect(files.map(([name]) => name)).toEqual(["picture-1-explore-J2.html"]);
    expect(files[0]?.[1]).toBe(renderTimeline(smallTimeline));
    const [, drawn] = evidence;
    expect(drawn?.violations.map((each) => each.files)).toEqual([["a.json", "picture-1-explore-J2.html"], []]);
    expect(drawn?.violations.some((each) => "timeline" in each)).toBe(false);
  });

  it("are at most forty", () => {
    const many = Array.from({ length: 50 }, () => violation({ timeline: smallTimeline }));
    expect(drawPictures([layer("inject", { violations: many })]).files).toHaveLength(40);
  });
});
