/** Between an instance and its store: takes down which nodes it asks for, and when it loads a whole partition. */
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
      // A page asks for the nodes that the one before has named: what counts is that it loads.
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
  };
}
