/** Claims about the ports for time and randomness. */
import { getEventListeners } from "node:events";
import { waitFor } from "../../../lab/process/wait.ts";
import type { ContractCheck } from "../check.ts";
import { Comparisons } from "../comparisons.ts";
import { callTimeout, endsWithin } from "../world.ts";

const day = 86_400_000;

export const machineChecks: readonly ContractCheck[] = [
  {
    id: "sleeps-end",
    property: "K6",
    claim: "a sleep lasts as long as it was asked for, or until its signal aborts, and keeps no listener",
    async run({ modules: { systemClock: clock } }) {
      const compare = new Comparisons();
      const abort = new AbortController();
      const listeners = () => getEventListeners(abort.signal, "abort").length;
      const from = clock.now();
      await clock.sleep(30, abort.signal);
      // A timer may fire a millisecond early.
      compare.same("a sleep of 30 ms lasted at least 28 ms", clock.now() - from >= 28, true);
      compare.same("listeners after it", listeners(), 0);
      let ended = 0;
      const sleep = () =>
        clock.sleep(day, abort.signal).then(() => {
          ended += 1;
        });
      void sleep();
      compare.same("listeners of a sleep", listeners(), 1);
      abort.abort();
      await waitFor(() => (ended === 1 ? true : undefined), endsWithin);
      compare.same("a sleep that was aborted has ended", ended, 1);
      void sleep();
      await waitFor(() => (ended === 2 ? true : undefined), { ...endsWithin, timeout: callTimeout / 2 });
      compare.same("a sleep after the abort has ended", ended, 2);
      return compare.found;
    },
  },
  {
    id: "draws-differ",
    property: "N3",
    claim: "what is drawn, as for the token of a registration, does not come again, and is from the whole range",
    async run({ modules: { systemRandom } }) {
      const compare = new Comparisons();
      const tokens = 1_000;
      const sources = ["one", "other"].map((concern) => systemRandom(concern));
      const drawn = Array.from({ length: tokens }, (_, index) => {
        const random = sources[index % 2] as (typeof sources)[number];
        return [1, 2, 3, 4].map(() => random.nextUint32());
      });
      compare.same("different ones of 1000 tokens", new Set(drawn.map((token) => token.join())).size, tokens);
      const sixteenths = new Set(drawn.flat().map((number) => Math.floor(number / 2 ** 28)));
      compare.same(
        "sixteenths of the range",
        [...sixteenths].sort((a, b) => a - b),
        [...Array(16).keys()],
      );
      return compare.found;
    },
  },
];
