/** How to record calls for `check --model scheduler`: its help, and docs/recorded-calls.md, which a test prints from it. */
import { nodeOps, outcomesOf } from "../../check/linear/scheduler/calls.ts";
import { documentedBounds } from "./head.ts";

export interface GuideSection {
  readonly title: string;
  readonly paragraphs: readonly string[];
  readonly items: readonly string[];
}

export const recordedCallsGuide: readonly GuideSection[] = [
  {
    title: "Lines",
    paragraphs: [
      "A history has calls to any scheduler, in any language. Requests and replies are those of docs/sut-protocol.md; optional fields may be left out.",
    ],
    items: [
      "First line: `kind` is `scheduler`. `begins` is `empty` where no node is registered, and `unknown` where the recording began in the middle. It may give bounds.",
      "A call, in any order: `client`, `call_ns`, `return_ns`, `request` and `reply`, all required. Times are exact integers, at most 2^53 from the first. A client has one call at a time.",
      "Without a reply, `return_ns` or `reply` is null: it may have happened, or may yet. A reply `error` did not happen where the protocol calls it definite; else it counts as no reply.",
      "Every call that may still have an effect is in the file, also one from before the first answer.",
      "`get_node` is judged where its `source` is `redis` and it is not stale, within its `age_ms`. Others are counted (`not_judged`).",
      "A loss: `fault` (any text), `from_ns`, `until_ns`, `since_ns`, and perhaps `node`. Once in that time the node may become what it was at some time since `since_ns`; with null, the store may have forgotten it.",
    ],
  },
  {
    title: "Bounds",
    paragraphs: [
      "Where the first line does not give one, it is the documented default, and the result names it (`assumed`).",
    ],
    items: Object.entries(documentedBounds).map(([name, value]) => `\`${name}\`: ${value}`),
  },
  {
    title: "Answers",
    paragraphs: ["They mean what docs/protocol.md, section 4, says. A write without `outcome` has the first one."],
    items: nodeOps.map((op) => `\`${op}\`: ${outcomesOf[op].map((outcome) => `\`${outcome}\``).join(", ")}`),
  },
  {
    title: "What is allowed",
    paragraphs: [
      "Each node is an object. Some order of its calls, each between call and return, has to explain all answers. The scheduler itself changes a node only in time, counted from the call that began it:",
    ],
    items: [
      "A node expires `ttl_ms`, less its `ttl_spread`, after its registration or last renewal.",
      "A job lapses after the lease of its request, or after `lease_ms`, also from each heartbeat that names it.",
      "A finished job is forgotten after `done_ms`, or once `done_max` others were finished. Only then is `finished_unknown` allowed.",
      "A node that is not online is removed after `retention_ms`.",
      "An incarnation never returns. `already` and `superseded` of a registration need its `registration`.",
      "One call has one effect. A scheduler that sends a write twice has to answer for the first.",
      "Without `expected` or `incarnation` an instance goes by what it sees: `conflict` may always come, and `superseded` once a node was replaced.",
      "Of two answers of one epoch, the smaller version came first, and a change has its version to itself.",
      "In the middle of a recording, answers first show what the node was. `compared` counts those that others had shown before; with none the verdict is `not_exercised`.",
      "Answers that only a loss to what none had shown yet explains are `unknown`.",
      "Beyond 1,000,000 calls, or 500,000 configurations or 62 calls in flight of one node, the verdict is `unknown`.",
    ],
  },
];

export function recordedCallsText(): string {
  return recordedCallsGuide
    .flatMap(({ items, paragraphs, title }) => [`${title}:`, ...paragraphs, ...items.map((item) => `  - ${item}`), ""])
    .join("\n");
}
