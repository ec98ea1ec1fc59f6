/** A report of many violations and instances, with texts that try to be markup. */
import { propertyIds } from "../../../src/check/properties.ts";
import type { LayerEvidence, Series } from "../../../src/evidence/evidence.ts";
import type { Timeline } from "../../../src/evidence/timeline.ts";
import { layer, property, sampleToken, violation } from "../sample.ts";
import { smallTimeline } from "../timeline/small-timeline.ts";
import { hostileText } from "./hostile.ts";

/** It runs where it becomes markup. */
const script = `<img src=x onerror="window.taken=1"><script>window.taken=1</script>${hostileText}`;
const instances = 100;

const [event] = smallTimeline.events;
if (event === undefined) throw new TypeError("no event");
const timeline: Timeline = {
  ...smallTimeline,
  found: script,
  events: Array.from({ length: 200 }, (_, index) => ({
    ...event,
    words: `${index} ${script}`,
    holds: [{ lane: "s", lines: Array.from({ length: 20 }, (_, line) => `${index} ${line} ${script}`) }],
  })),
  messages: [],
  spans: [],
  broken: 199,
};

export function largeEvidence(): LayerEvidence {
  const scenarios = Array.from({ length: 20 }, (_, index) => `scenario-${index}`);
  const place = (index: number) => scenarios[index % scenarios.length] ?? "";
  return layer("inject", {
    verdict: "violated",
    runs: 1_000_000,
    properties: propertyIds.map((id) =>
      property(id, {
        verdict: "violated",
        exercised: 1_000_000,
        reason: script,
        tokens: Array.from({ length: 20 }, () => sampleToken),
        figures: scenarios.flatMap((scenario) =>
          ["fault", "control"].map((side) => ({
            name: "read_latency_ms_max",
            value: 40,
            threshold: 50,
            of: `${scenario}, ${side}`,
          })),
        ),
      }),
    ),
    violations: Array.from({ length: 200 }, (_, index) =>
      violation({
        property: propertyIds[index % propertyIds.length] ?? "J1",
        scenario: place(index),
        timeline,
        story: [`${index} ${script}`, ...Array.from({ length: 40 }, (_, line) => `${line} ${script}`)],
      }),
    ),
    series: scenarios.flatMap((scenario) => seriesOf(scenario)),
    faults: scenarios.map((scenario) => ({ scenario, kind: script, from_ms: 100, to_ms: 900 })),
  });
}

function seriesOf(scenario: string): readonly Series[] {
  return Array.from({ length: instances }, (_, index) => index).flatMap((index) => {
    const own = { name: `instance ${index}`, scenario, side: "fault" } as const;
    const points = Array.from({ length: 20 }, (_, at) => [at * 50, at % 3] as const);
    return [
      { ...own, kind: "mode", points },
      { ...own, kind: "behind", points },
    ] as const;
  });
}
