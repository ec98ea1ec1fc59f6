/**
 * S1: a selection returns only nodes that are online, suit what was asked for, and have room as far as the instance can know: by its view, and by the
 * places that it has asked for there and its view does not show yet. The store would refuse what is too much, at the price of a call.
 */
import { type Call, type NodeContent, versionText } from "../../check/history.ts";
import { inMs, type Judgement } from "../../check/judgement.ts";
import { whyUnsuited } from "../../check/suitable.ts";
import type { JudgeEvent } from "../event.ts";
import { Findings } from "../findings.ts";
import type { Case, Judge } from "../judge.ts";

export function judgeSelections({ scene }: Case): Judge {
  return new Selections(scene);
}

class Selections implements Judge {
  readonly property = "S1";
  readonly hears = ["returned"] as const;
  readonly #scene: Case["scene"];
  readonly #findings = new Findings("S1");
  #compared = 0;
  /** Nodes that were selected while places of the instance's own were under way there. */
  #narrow = 0;

  constructor(scene: Case["scene"]) {
    this.#scene = scene;
  }

  on(event: JudgeEvent): void {
    if (event.kind === "returned" && event.call.selected !== undefined) this.#returned(event.call, event.call.selected);
  }

  finish(): Judgement {
    return this.#findings.conclude({
      exercised: this.#compared,
      measures: [{ name: "selected_beside_own_places", value: this.#narrow }],
    });
  }

  #returned(call: Call, selected: readonly NodeContent[]): void {
    const { asked, from, id, instance } = call;
    const most = asked?.count ?? Number.POSITIVE_INFINITY;
    if (selected.length > most) {
      this.#findings.violate(
        () => [
          `instance ${instance} selected ${selected.length} nodes, allowed ${most} as asked for`,
          `asked at ${inMs(from)}`,
        ],
        [id],
      );
    }
    const before = new Set<string>();
    for (const shown of selected) {
      if (asked !== undefined) this.#compared += 1;
      const own = this.#scene.places.of(instance, shown.node, from);
      if (own > 0) this.#narrow += 1;
      const isAgain = before.has(shown.node);
      before.add(shown.node);
      const wrong = isAgain ? " twice, allowed once" : (whyUnfit(shown, call) ?? whyFull(shown, own));
      if (wrong === null) continue;
      const { node, version } = shown;
      this.#findings.violate(
        () => [
          `instance ${instance} selected node ${node}${wrong}`,
          `asked at ${inMs(from)}, node version ${versionText(version)}`,
        ],
        [id],
      );
    }
  }
}

function whyUnfit(shown: NodeContent, { asked }: Call): string | null {
  const why = whyUnsuited(shown, asked);
  return why === null ? null : `, which it knew ${why}, allowed only an online node that suits`;
}

function whyFull({ current_jobs: counted, max_jobs: most }: NodeContent, own: number): string | null {
  if (counted + own < most) return null;
  return `, which had no room as far as it knew: ${counted} jobs and ${own} places of its own under way, allowed below max_jobs ${most}`;
}
