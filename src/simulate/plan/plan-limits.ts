/** Limits the size of plans from users: a larger one takes minutes before its first event, or exhausts the memory. */
import { UsageError } from "../../evidence/failure.ts";

interface PlanSize {
  readonly topology: { readonly instances: number; readonly nodes: number; readonly partitions: number };
  /** ms */
  readonly duration: number;
  readonly actions: readonly unknown[];
  readonly faults: readonly unknown[];
  readonly draws: readonly unknown[];
}

interface Measure {
  readonly what: string;
  readonly most: number;
  readonly place: string;
  readonly of: (plan: PlanSize) => number;
}

/** The largest scenario has 2,000 views of a node, 7,850 actions, 12 faults, and lasts a minute. */
const measures: readonly Measure[] = [
  {
    ...{ what: "instances × nodes", most: 50_000, place: "topology" },
    of: ({ topology }) => topology.instances * topology.nodes,
  },
  {
    ...{ what: "instances × partitions", most: 10_000, place: "topology" },
    of: ({ topology }) => topology.instances * topology.partitions,
  },
  { what: "ms of duration", most: 3_600_000, place: "duration", of: ({ duration }) => duration },
  { what: "actions", most: 200_000, place: "actions", of: ({ actions }) => actions.length },
  { what: "faults", most: 2_000, place: "faults", of: ({ faults }) => faults.length },
  { what: "draws", most: 1_000_000, place: "draws", of: ({ draws }) => draws.length },
];

/** @param where the file or the token that contains the plan. @throws UsageError naming the first measure that is too large */
export function checkPlanSize(plan: PlanSize, where: string): void {
  for (const { what, most, place, of } of measures) {
    const found = of(plan);
    if (found <= most) continue;
    throw new UsageError(`the plan has ${found} ${what}, allowed at most ${most}`, {
      where: `${where}: ${place}`,
      fix: "use a smaller plan: one that fails does so with fewer of them",
    });
  }
}
