/** C2: lookups of a missing node cost at most one Redis request per miss TTL and instance; counted where they are sent, and where they arrive. */
import { type Call, type Millis, type NodeRequest, ofKind } from "./history.ts";
import { conclude, fewStories, inMs, type Judgement, type Trial } from "./judgement.ts";
import { livesOf } from "./lives.ts";
import { properties } from "./properties.ts";

/** One request for one node by name. */
interface Asked {
  readonly instance: number;
  readonly node: string;
  readonly at: Millis;
}

/** How much later or earlier than at the sender something may have been seen elsewhere. */
const lag: Millis = 250;

export function judgeMisses(trial: Trial): Judgement {
  const requests = ofKind(trial.history, "request");
  const sent = requests.flatMap(({ from, instance, nodes, page }) =>
    page === "none" ? nodes.map((node): Asked => ({ instance, node, at: from })) : [],
  );
  // What was asked just before the load began may have been served before anybody took that down.
  const answered = requests.flatMap(({ from, instance, nodes, outcome, page }) =>
    page === "none" && outcome === "answered" && from >= lag ? nodes.map((node) => ({ instance, node, at: from })) : [],
  );
  const served: readonly Asked[] = ofKind(trial.history, "served");
  const absorbed = absorbedBy(trial, requests);
  const doubles = (asked: readonly Asked[]) => tooSoon(asked, trial, requests);
  const [atSender, atServer] = [doubles(sent), doubles(served)];
  return conclude({
    property: "C2",
    premise: properties.C2.premise,
    // What nobody counted at the server was not shown.
    exercised: served.length === 0 ? 0 : absorbed.explained,
    judged: answered.length,
    unseen: notServed(answered, served),
    violations: fewStories([
      ...absorbed.unexplained.map((call) => unexplainedStory(call, trial)),
      ...atSender.map((pair) => storyOf(pair, "sent", trial)),
      ...atServer.map((pair) => storyOf(pair, "arrived at the server", trial)),
    ]),
    measures: [
      { name: "requests_sent", value: sent.length },
      { name: "requests_served", value: served.length },
      { name: "repeated_within_miss_ttl", value: Math.max(atSender.length, atServer.length), threshold: 0 },
    ],
  });
}

interface Absorbed {
  readonly explained: number;
  /** Answered from a mark that the instance cannot have had. */
  readonly unexplained: readonly Call[];
}

/** Lookups that a mark answered: the instance had asked the store for that node, and a mark lives no longer than its TTL allows. */
function absorbedBy({ bounds, history, terms }: Trial, requests: readonly NodeRequest[]): Absorbed {
  const asked = Map.groupBy(
    requests.flatMap(({ from, instance, nodes, to }) => nodes.map((node) => ({ instance, node, from, to }))),
    keyOf,
  );
  const longest = terms.missTtl * (1 + terms.ttlSpread) + bounds.budget + lag;
  const absorbed = ofKind(history, "call").filter(({ read }) => read?.source === "miss");
  const unexplained = absorbed.filter(({ from, instance, node = "", to }) => {
    const own = asked.get(keyOf({ instance, node })) ?? [];
    return !own.some((request) => request.from <= (to ?? from) && request.to >= from - longest);
  });
  return { explained: absorbed.length - unexplained.length, unexplained };
}

function unexplainedStory({ from, instance, node = "" }: Call, { terms }: Trial): readonly string[] {
  return [
    `instance ${instance} answered a lookup of node ${node} from a mark, without having asked for the node, allowed within ${inMs(terms.missTtl)} of a request`,
    `asked at ${inMs(from)}`,
  ];
}

/** Requests that were answered and that the server was not seen to be asked, so that others may be missing too. */
function notServed(answered: readonly Asked[], served: readonly Asked[]): number {
  const seen = Map.groupBy(served, keyOf);
  return [...Map.groupBy(answered, keyOf)].reduce(
    (sum, [key, own]) => sum + Math.max(0, own.length - (seen.get(key)?.length ?? 0)),
    0,
  );
}

function keyOf({ instance, node }: Pick<Asked, "instance" | "node">): string {
  return JSON.stringify([instance, node]);
}

type Pair = readonly [Asked, Asked];

/** Two requests for one node closer than the miss TTL, with nothing between them that ends a mark. */
function tooSoon(asked: readonly Asked[], trial: Trial, requests: readonly NodeRequest[]): readonly Pair[] {
  const lives = livesOf(trial.observations);
  const isExcused = ([first, second]: Pair): boolean => {
    const registered = (lives.get(first.node) ?? []).some(
      ({ began }) => began.at >= first.at - lag && began.at <= second.at + lag,
    );
    return registered || requests.some((request) => endsMark(request, first, second));
  };
  const groups = Map.groupBy(asked, keyOf);
  return [...groups.values()].flatMap((own) => {
    const sorted = [...own].sort((a, b) => a.at - b.at);
    const pairs = sorted.flatMap((second, index): readonly Pair[] => {
      const first = sorted[index - 1];
      return first === undefined ? [] : [[first, second]];
    });
    return pairs.filter((pair) => pair[1].at - pair[0].at < trial.terms.missTtl && !isExcused(pair));
  });
}

/** Where the first request failed, or was answered past its deadline, there was no mark; a load of the whole partition clears all marks. */
function endsMark(request: NodeRequest, first: Asked, second: Asked): boolean {
  const { deadline = Number.POSITIVE_INFINITY, from, instance, nodes, outcome, page, to } = request;
  if (instance !== first.instance || from < first.at - lag || from >= second.at) return false;
  const isHeard = outcome === "answered" && to - from < deadline;
  return page !== "none" || (!isHeard && nodes.includes(first.node));
}

function storyOf([first, second]: Pair, where: string, { terms }: Trial): readonly string[] {
  const apart = inMs(second.at - first.at);
  return [
    `two requests of instance ${first.instance} for the missing node ${first.node} ${where} ${apart} apart, allowed one in ${inMs(terms.missTtl)}`,
    `at ${inMs(first.at)} and ${inMs(second.at)}; the node did not register meanwhile`,
  ];
}
