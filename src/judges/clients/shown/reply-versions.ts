/**
 * V1, by the versions in the answers to writes: of one node they grow with every change, and none goes back within an epoch. They show violations alone:
 * versions that only grow may be invented.
 */
import { type Millis, type Version, versionText } from "../../../check/history.ts";
import type { Contradictions } from "../contradictions.ts";
import type { Answered, KnownNode } from "../known-node.ts";

/** Answers that only a change of the node has. */
const changes: ReadonlySet<string> = new Set(["registered", "offline", "reserved"]);

/** The highest version of a node in an epoch that had been answered by a time. */
interface Reached {
  readonly to: Millis;
  readonly sequence: number;
}

export class ReplyVersions {
  readonly #contradictions: Contradictions;
  /** By node and epoch, each higher than the one before. */
  readonly #reached = new Map<string, Reached[]>();

  constructor(contradictions: Contradictions) {
    this.#contradictions = contradictions;
  }

  /** @param call a write that was acknowledged */
  returned({ from, id, node = "", op, reply, to, version }: Answered, { forgottenAt }: KnownNode): void {
    if (version === undefined) return;
    const own = this.#of(node, version);
    const before = own.findLast((one) => one.to < from && one.to > forgottenAt);
    if (before !== undefined) {
      const isChange = changes.has(reply);
      const least = before.sequence + (isChange ? 1 : 0);
      if (version.sequence < least) {
        const words = `${op} of node ${node} was answered ${reply} in version ${versionText(version)}, allowed ${least} or more: ${before.sequence} had been answered before`;
        this.#contradictions.found("V1", [words], [id]);
      }
    }
    if (version.sequence > (own.at(-1)?.sequence ?? -1)) own.push({ to, sequence: version.sequence });
  }

  #of(node: string, { epoch }: Version): Reached[] {
    const key = `${epoch} ${node}`;
    const known = this.#reached.get(key) ?? [];
    this.#reached.set(key, known);
    return known;
  }
}
