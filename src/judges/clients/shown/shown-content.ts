/**
 * Compares the content of a node, as answers show it, with the calls of its clients. V2: it was offered once, never goes back, and was true when the answer
 * says that it was. V1: one version is one content.
 */
import { firstDifference, whyNonsense } from "../../../check/content.ts";
import type { Call, Millis, NodeContent, NodeOffer } from "../../../check/history.ts";
import { versionText } from "../../../check/history.ts";
import { inMs } from "../../../check/judgement.ts";
import type { ClientCalls } from "../client-calls.ts";
import type { Contradictions } from "../contradictions.ts";
import type { KnownNode } from "../known-node.ts";

type AnsweredRead = Call & { readonly to: Millis };

/** ms by which an age may be rounded, and by which the clocks of an instance and its client may differ. */
const slack: Millis = 2;

interface Shown {
  readonly content: NodeContent;
  readonly to: Millis;
  /** Since when the content is known to have been true; minus infinity: the answer does not say. */
  readonly since: Millis;
}

export class ShownContent {
  readonly #clients: ClientCalls;
  readonly #contradictions: Contradictions;
  /** Node and version -> what was shown of them first. */
  readonly #first = new Map<string, NodeContent>();
  /** Instance and node -> what was shown last, of the highest version in its epoch. */
  readonly #shownBy = new Map<string, Shown>();

  constructor(clients: ClientCalls, contradictions: Contradictions) {
    this.#clients = clients;
    this.#contradictions = contradictions;
  }

  /** Whether the instance has shown this incarnation of the node, or a later one, last. */
  hasShown(instance: number, node: string, since: Millis): boolean {
    return (this.#shownBy.get(`${instance} ${node}`)?.to ?? Number.NEGATIVE_INFINITY) >= since;
  }

  judge(call: AnsweredRead, shown: NodeContent): void {
    const { id } = call;
    this.#contradictions.compared("V2");
    if (shown.status === "expired") this.#clients.sweeps.ended("node");
    const wrong =
      whyNonsense(shown) ??
      this.#whyNeverOffered(shown) ??
      this.#whyBefore(call, shown) ??
      this.#whyUntrue(call, shown);
    if (wrong !== null) this.#contradictions.found("V2", [`node ${shown.node} was shown with ${wrong}`], [id]);
    const tooMany = wrong === null ? this.#whyTooMany(call, shown) : null;
    const hasLapsed = (this.#clients.known(shown.node)?.jobs.lapsed ?? 0) > 0;
    if (tooMany !== null)
      this.#contradictions.found("V2", [`node ${shown.node} was shown with ${tooMany}`], [id], hasLapsed);
    const other = this.#whyAnother(shown);
    if (other !== null) this.#contradictions.found("V1", [`node ${shown.node} was shown with ${other}`], [id]);
  }

  #whyNeverOffered(shown: NodeContent): string | null {
    const known = this.#clients.known(shown.node)?.node;
    if (known === undefined || known.offers.length === 0) return "a content, allowed none: no client registered it";
    if (!known.offers.some((offer) => isSame(offer, shown))) return "what no registration of it offered";
    const began = known.incarnations.get(shown.incarnation);
    if (began !== undefined && began.offers.length > 0 && !began.offers.some((offer) => isSame(offer, shown)))
      return `incarnation ${shown.incarnation} and the offer of another one, allowed its own`;
    if (began !== undefined || known.mayBeUnheard) return null;
    return `incarnation ${shown.incarnation}, allowed one that a registration began: ${[...known.incarnations.keys()].slice(-5).join(", ")}`;
  }

  /** An instance does not go back behind its own answers, unless the store may have lost what they show. */
  #whyBefore({ from, instance, read, to }: AnsweredRead, content: NodeContent): string | null {
    const key = `${instance} ${content.node}`;
    const before = this.#shownBy.get(key);
    const { incarnation, version } = content;
    const isBehind =
      before?.content.version.epoch === version.epoch && before.content.version.sequence > version.sequence;
    const since = read === undefined || read.age_ms < 0 ? Number.NEGATIVE_INFINITY : from - read.age_ms - slack;
    const known = this.#clients.known(content.node)?.node;
    const mayBeLost = before !== undefined && known !== undefined && known.forgottenAt > before.since;
    if (!isBehind || mayBeLost) this.#shownBy.set(key, { content, to, since });
    if (known === undefined || before === undefined || mayBeLost || before.to >= from) return null;
    if (isBehind)
      return `version ${versionText(version)}, allowed ${versionText(before.content.version)} or later, which instance ${instance} had shown`;
    const former = before.content.incarnation;
    const [own, other] = [incarnation, former].map((name) => known.incarnations.get(name));
    if (own === undefined || other === undefined || own.to >= other.from || known.forgottenAt >= own.from) return null;
    return `incarnation ${incarnation}, allowed ${former}, which was registered later and which instance ${instance} had shown`;
  }

  /** A read says since when its content is known to have been true: at some moment from then on the node had it. */
  #whyUntrue({ from, read, to }: AnsweredRead, content: NodeContent): string | null {
    const known = this.#clients.known(content.node);
    if (read === undefined || read.age_ms < 0 || known === undefined) return null;
    const since = from - read.age_ms - slack;
    const { jobs, node } = known;
    const allowed = whyNotOnline(node, content, since, to);
    if (allowed !== null) return `status ${content.status} of ${inMs(read.age_ms)} before, allowed ${allowed}`;
    const least = jobs.heldBetween(since, to);
    if (!node.isQuietSince(since) || content.current_jobs >= least) return null;
    return `current_jobs ${content.current_jobs} of ${inMs(read.age_ms)} before, allowed ${least} or more: so many certainly had places since`;
  }

  #whyTooMany({ from, read, to }: AnsweredRead, content: NodeContent): string | null {
    const known = this.#clients.known(content.node);
    if (read === undefined || read.age_ms < 0 || known === undefined) return null;
    const most = this.#clients.mostSince(known, from - read.age_ms - slack, to);
    if (content.current_jobs <= most) return null;
    return `current_jobs ${content.current_jobs} of ${inMs(read.age_ms)} before, allowed ${most} or less: no others may have had places since`;
  }

  /** A version names one content. */
  #whyAnother(shown: NodeContent): string | null {
    const key = `${versionText(shown.version)} ${shown.node}`;
    const before = this.#first.get(key);
    if (before === undefined) {
      this.#first.set(key, shown);
      return null;
    }
    this.#contradictions.compared("V1");
    const difference = firstDifference(shown, before);
    return difference === null
      ? null
      : `${difference}, allowed as it was shown before in version ${versionText(shown.version)}`;
  }
}

/** The status that a node certainly had from `since` to `to`, where it is shown with another. */
export function whyNotOnline(node: KnownNode, { status }: NodeContent, since: Millis, to: Millis): string | null {
  if (status === "online")
    return node.goneSince !== null && node.goneSince < since ? `offline since ${inMs(node.goneSince)}` : null;
  const onlineSince = node.onlineSince(to);
  return onlineSince !== null && onlineSince < since ? `online since ${inMs(onlineSince)}` : null;
}

function isSame(offer: NodeOffer, shown: NodeContent): boolean {
  return offerText(offer) === offerText(shown);
}

export function offerText({ languages, max_jobs, pools, services }: NodeOffer): string {
  const pairs = languages.map(({ source, target }) => `${source}:${target}`);
  return JSON.stringify([max_jobs, ...[pools, services, pairs].map((list) => [...new Set(list)].sort())]);
}
