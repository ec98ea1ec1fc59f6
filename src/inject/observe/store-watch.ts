/** Wraps the store of an instance: records which nodes it requests, when it loads a whole partition, and which nodes refuse it a place. */
import type { Store } from "../../scheduler/ports.ts";
import type { Journal } from "./recorder.ts";

/** The same store, watched. */
export function watchStore(store: Store, instance: number, recorder: Journal): Store {
  return {
    ...store,
    async snapshot(request, deadline) {
      const { after, limit, nodes, partition } = request;
      const begun = recorder.moment();
      const answer = await store.snapshot(request, deadline);
      const page = limit === 0 ? "none" : after === "" ? "first" : "next";
      const outcome = answer.kind === "failed" ? answer.cause : "answered";
      // A page requests the nodes that the previous one named: only the load counts.
      const asked = page === "none" ? nodes : [];
      recorder.event({
        kind: "request",
        instance,
        partition,
        from: recorder.at(begun),
        to: recorder.now(),
        deadline,
        nodes: asked,
        page,
        outcome,
      });
      return answer;
    },
    async reserveJob(request, deadline) {
      const { job, node } = request;
      const begun = recorder.moment();
      const answer = await store.reserveJob(request, deadline);
      if (answer.kind === "full") {
        const [from, to] = [recorder.at(begun), recorder.now()];
        recorder.event({ kind: "node_full", instance, node, job, from, to, version: answer.version });
      }
      return answer;
    },
  };
}
