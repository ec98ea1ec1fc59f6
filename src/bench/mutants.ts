/** Slow mutants of the scheduler, as changes around it: its store waits, or its selection computes. */
import { setTimeout as sleep } from "node:timers/promises";
import { type BenchChange, benchMutants } from "../../scenarios/mutants/bench.ts";
import { UsageError } from "../evidence/failure.ts";
import type { Scheduler } from "../scheduler/scheduler.ts";
import type { BenchMutant, WrapStore } from "./world/instance.ts";

/** @throws UsageError for one that does not exist */
export function findBenchMutant(id: string): BenchMutant {
  const found = benchMutants.find((one) => one.id === id);
  if (found !== undefined) return changed(found.change);
  throw new UsageError(`bench mutant ${JSON.stringify(id)}: there is none of that name`, {
    where: "mutant",
    fix: `use one of ${benchMutants.map((one) => one.id).join(", ")}`,
  });
}

function changed({ heartbeat, page, selection, settings }: BenchChange): BenchMutant {
  return {
    ...(heartbeat && { heartbeat }),
    ...(settings && { settings }),
    ...(page && { store: pagesLate(counter(page.every), page.ms) }),
    ...(selection && { scheduler: selectionsSlow(counter(selection.every), selection.ms) }),
  };
}

/** Whether this call is one of those that take longer. */
type IsNext = () => boolean;

function counter(every: number): IsNext {
  let calls = 0;
  return () => calls++ % every === 0;
}

function pagesLate(isNext: IsNext, ms: number): WrapStore {
  return (store) => ({
    ...store,
    async snapshot(request, deadline) {
      if (isNext()) await sleep(ms);
      return await store.snapshot(request, deadline);
    },
  });
}

function selectionsSlow(isNext: IsNext, ms: number): (scheduler: Scheduler) => Scheduler {
  return (scheduler) => {
    const select = scheduler.selectNodes.bind(scheduler);
    return Object.assign(scheduler, {
      selectNodes(wanted: Parameters<typeof select>[0]) {
        const until = performance.now() + (isNext() ? ms : 0);
        while (performance.now() < until);
        return select(wanted);
      },
    });
  };
}
