/** The view of the `job-store` model: the store in the middle, and the caches that send to it and are notified by it. */
import type { Scope } from "../../../model/language/machine.ts";
import type { Lane, LaneState } from "../../evidence/timeline.ts";
import { countText } from "../../evidence/words.ts";
import type { Act, InFlightMessage, ModelView, StepTaken } from "./model-view.ts";

interface Node {
  readonly alive: boolean;
  readonly inc: number;
  readonly ver: number;
  readonly jobs: { readonly size: number; has(name: number): boolean };
}

interface Seen {
  readonly inc: number;
  readonly ver: number;
  readonly alive: boolean;
  readonly count: number;
}

interface Message extends Partial<Seen> {
  readonly kind: "Reserve" | "Complete" | "Notify";
  readonly i: number;
  readonly n: number;
  readonly j?: number;
}

/** The fields of a state that the view reads. */
interface State {
  readonly node: { readonly values: readonly Node[] };
  readonly cache: { readonly values: readonly { readonly values: readonly (Seen | null)[] }[] };
  readonly net: Iterable<Message>;
  readonly regressed: boolean;
}

const store = "store";
const instance = (i: number): string => `instance ${i}`;

export function jobStoreView(scope: Scope): ModelView<State> {
  const jobs = Array.from({ length: scope["jobs"] ?? 0 }, (_, j) => j);
  const instances = Array.from({ length: scope["instances"] ?? 0 }, (_, i) => i);
  const lanes: readonly Lane[] = [
    { id: "network", name: "network", kind: "network" },
    { id: store, name: "store", kind: "store" },
    ...instances.map((i): Lane => ({ id: instance(i), name: `instance ${i}`, kind: "instance" })),
  ];
  const nodeText = ({ alive, inc, ver, jobs: live }: Node, n: number): string =>
    `node ${n}: ${alive ? "alive" : "not alive"}, life ${inc}, version ${ver}, jobs {${jobs.filter((j) => live.has(j)).join(", ")}}`;
  return {
    lanes,
    holds: ({ node, cache }) => [
      { lane: store, lines: node.values.map(nodeText) },
      ...cache.values.map((seen, i): LaneState => ({ lane: instance(i), lines: seen.values.map(seenText) })),
    ],
    inFlight: ({ net }) => [...net].map(inFlightOf),
    act: actOf,
  };
}

function seenText(seen: Seen | null, n: number): string {
  return `node ${n}: ${seen === null ? "not known" : newsText(seen)}`;
}

function newsText({ alive, inc, ver, count }: Partial<Seen>): string {
  return `${alive ? "alive" : "not alive"}, life ${inc}, version ${ver}, ${countText(count ?? 0, "job")}`;
}

function inFlightOf(message: Message): InFlightMessage {
  const key = JSON.stringify(message);
  const { kind, i, n, j } = message;
  if (kind === "Notify")
    return { key, from: store, to: instance(i), words: `node ${n}: life ${message.inc}, version ${message.ver}` };
  const verb = kind === "Reserve" ? "reserve" : "complete";
  return { key, from: instance(i), to: store, words: `${verb} job ${j} on node ${n}` };
}

function actOf({ action, args }: StepTaken, before: State, after: State): Act {
  const usual = { kind: "step", takes: [], ends: "arrived", within: [] } as const;
  const [first, n, j] = args as readonly number[];
  switch (action) {
    case "Register":
      return { ...usual, lane: store, words: `registers node ${first}: it begins a life` };
    case "Expire":
      return { ...usual, lane: store, words: `finds that node ${first}'s time is up` };
    case "SendReserve":
      return { ...usual, kind: "call", lane: instance(first ?? 0), words: `asks for room for job ${j} on node ${n}` };
    case "SendComplete":
      return { ...usual, kind: "call", lane: instance(first ?? 0), words: `says that job ${j} on node ${n} is done` };
    case "Deliver":
      return { ...usual, ...arrival(args[0] as Message, before, after) };
    case "Duplicate": {
      const message = args[0] as Message;
      const arrived = arrival(message, before, after);
      return {
        ...usual,
        ...arrived,
        kind: "fault",
        words: `${arrived.words} (a delivery that is repeated)`,
        repeats: inFlightOf(message).key,
      };
    }
    case "Drop": {
      const { key, words } = inFlightOf(args[0] as Message);
      return { ...usual, kind: "fault", takes: [key], ends: "lost", lane: "network", words: `loses "${words}"` };
    }
    default:
      return { ...usual, lane: store, words: `${action}(${JSON.stringify(args).slice(1, -1)})` };
  }
}

function arrival(message: Message, before: State, after: State): Pick<Act, "lane" | "words" | "takes"> {
  const { key, to, words } = inFlightOf(message);
  const held = ({ node, cache }: State) => JSON.stringify([node.values, cache.values.map(({ values }) => values)]);
  const effect = held(before) === held(after) ? ": nothing changes" : "";
  const back = after.regressed && !before.regressed ? ", which takes its cache back" : "";
  return {
    lane: to,
    takes: [key],
    words: `${message.kind === "Notify" ? "hears" : "takes"} "${words}"${effect}${back}`,
  };
}
