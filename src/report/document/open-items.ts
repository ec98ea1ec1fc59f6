/** The items that leave a report open, each with its cause. */
import { type Cause, joinCauses } from "../../check/cause.ts";
import type { LayerEvidence, PropertyEvidence } from "../../evidence/evidence.ts";
import { isOpen } from "../../evidence/merge.ts";
import { reasonOf } from "../../evidence/words.ts";
import type { ChecklistLine, OpenItem } from "../schema.ts";

interface Parts {
  readonly layers: readonly LayerEvidence[];
  readonly properties: readonly PropertyEvidence[];
  readonly checklist: readonly ChecklistLine[];
}

export function openItems({ checklist, layers, properties }: Parts): readonly OpenItem[] {
  return [
    ...layers.filter(({ verdict }) => isOpen(verdict)).map(openLayer),
    ...properties
      .filter(isCounted)
      .filter(({ verdict }) => isOpen(verdict))
      .map(openProperty),
    ...checklist
      .filter(isCounted)
      .filter(({ verdict }) => isOpen(verdict))
      .map((line) => openLine(line, properties)),
  ];
}

/** Lines and properties that were not asked for are shown, and do not count for the verdict. */
export function isCounted({ not_asked = null }: { readonly not_asked?: string | null }): boolean {
  return not_asked === null;
}

function openLayer({ cause = "unspecified", name, reason, verdict }: LayerEvidence): OpenItem {
  return { kind: "layer", id: name, verdict, cause, reason: reason ?? "its properties say why" };
}

function openProperty(part: PropertyEvidence): OpenItem {
  return { kind: "property", id: part.id, verdict: part.verdict, cause: causeOf(part), reason: reasonOf(part) };
}

function openLine({ id, properties, verdict }: ChecklistLine, parts: readonly PropertyEvidence[]): OpenItem {
  const own = properties.map((property) => parts.find((part) => part.id === property));
  const causes = own.map((part): Cause | null => {
    if (part === undefined) return "not_exercised";
    return isOpen(part.verdict) ? causeOf(part) : null;
  });
  const open = properties.filter((_, index) => causes[index] !== null);
  const cause = joinCauses(causes.filter((each) => each !== null)) ?? "unspecified";
  return { kind: "line", id, verdict, cause, reason: `open by ${open.join(", ")}` };
}

function causeOf({ cause, verdict }: PropertyEvidence): Cause {
  return cause ?? (verdict === "not_exercised" ? "not_exercised" : "unspecified");
}
