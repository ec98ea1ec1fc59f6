/** Claims about connections: that they come back, and that silence is noticed. */
import { waitFor } from "../../lab/process/wait.ts";
import { type ContractCheck, found, tolerance } from "./check.ts";
import { answeredAgain, callTimeout, endsWithin, registered, reserve, silence } from "./world.ts";

export const connectionChecks: readonly ContractCheck[] = [
  {
    id: "half-open",
    property: "D3",
    claim: "a connection whose peer disappeared silently is replaced",
    async run(world) {
      const store = await world.store();
      await registered(store);
      world.relay.mute();
      await reserve(store, "j1", 50);
      const isBack = await answeredAgain(store, silence + callTimeout);
      const explanation = [
        `no call was answered for ${silence + callTimeout} ms after the other side had gone, allowed ${silence} ms`,
      ];
      return found(1, isBack === true ? null : explanation);
    },
  },
  {
    id: "silent-server",
    property: "K3",
    claim: "connecting to a silent server ends",
    async run(world) {
      world.relay.meetWithSilence();
      const store = world.unconnected();
      const allowed = 4 * silence + tolerance;
      const ended = await Promise.race([
        store.connect().then(() => true),
        new Promise<false>((resolve) => setTimeout(resolve, allowed, false)),
      ]);
      return found(1, ended ? null : [`connect had not ended after ${allowed} ms, allowed ${4 * silence} ms`]);
    },
  },
  {
    id: "away-for-long",
    property: "D3",
    claim: "a server that returns after long is found again",
    async run(world) {
      const store = await world.store();
      await registered(store);
      await world.relay.refuse();
      await new Promise((resolve) => setTimeout(resolve, 900));
      await world.relay.accept();
      const isBack = await answeredAgain(store, callTimeout);
      return found(
        1,
        isBack === true ? null : [`no call was answered ${callTimeout} ms after the server was back, allowed 200 ms`],
      );
    },
  },
  {
    id: "resubscribe",
    property: "V4",
    claim: "a broken subscription is replaced, reports that, and receives changes",
    async run(world) {
      let connected = 0;
      let woken = 0;
      world.feed({
        connected: () => {
          connected += 1;
        },
        woken: () => {
          woken += 1;
        },
      });
      const direct = await world.direct();
      await registered(direct);
      const begun = await waitFor(() => (connected === 1 ? true : undefined), endsWithin);
      await world.redis.ask("CLIENT", "KILL", "TYPE", "pubsub");
      const again = await waitFor(() => (connected > 1 ? true : undefined), endsWithin);
      const before = woken;
      await reserve(direct, "j1");
      const isWoken = await waitFor(() => (woken > before ? true : undefined), { timeout: 500, interval: 5 });
      const explanation = [
        `${again === true ? "" : "not connected again, "}no wake-up came after a reconnect, allowed is one a change`,
      ];
      return found(begun === true ? 1 : 0, isWoken === true && again === true ? null : explanation);
    },
  },
  {
    id: "feed-half-open",
    property: "V4",
    claim: "a subscription whose peer disappeared silently is replaced",
    async run(world) {
      let connected = 0;
      world.feed({
        connected: () => {
          connected += 1;
        },
      });
      const begun = await waitFor(() => (connected === 1 ? true : undefined), endsWithin);
      world.relay.mute();
      const again = await waitFor(() => (connected > 1 ? true : undefined), endsWithin);
      const explanation = [
        `the subscription was silent for ${callTimeout} ms and was not closed, allowed ${silence + 100} ms`,
      ];
      return found(begun === true ? 1 : 0, again === true ? null : explanation);
    },
  },
];
