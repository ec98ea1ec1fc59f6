/** Claims about connections: that they come back, and that silence is noticed. */
import { waitFor } from "../../lab/process/wait.ts";
import { connectionDefaults } from "../../redis/connection/defaults.ts";
import { type ContractCheck, found, tolerance } from "./check.ts";
import { answeredAgain, endsWithin, pingEvery, registered, reserve, silence } from "./world.ts";

/** The longest pause before a connection is tried again. */
const pause = connectionDefaults.reconnectAfter(Number.MAX_SAFE_INTEGER);

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
      // One that is never replaced is not back after twice as long either; a busy machine may need that.
      const allowed = 2 * (silence + pause + tolerance);
      const isBack = await answeredAgain(store, allowed);
      const explanation = [
        `no call was answered for ${allowed} ms after the other side had gone, allowed ${allowed} ms`,
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
      return found(1, ended ? null : [`connect had not ended after ${allowed} ms, allowed ${allowed} ms`]);
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
      const allowed = pause + tolerance;
      const isBack = await answeredAgain(store, allowed);
      return found(
        1,
        isBack === true
          ? null
          : [`no call was answered ${allowed} ms after the server was back, allowed ${allowed} ms`],
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
      const allowed = pause + tolerance;
      const again = await waitFor(() => (connected > 1 ? true : undefined), { timeout: allowed, interval: 5 });
      const before = woken;
      await reserve(direct, "j1");
      const isWoken = await waitFor(() => (woken > before ? true : undefined), { timeout: tolerance, interval: 5 });
      const explanation = [
        `${again === true ? "" : `not connected again within ${allowed} ms, `}no wake-up came within ${tolerance} ms of a change, allowed is one a change`,
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
      const allowed = 2 * (pingEvery + silence + pause + tolerance);
      const again = await waitFor(() => (connected > 1 ? true : undefined), { timeout: allowed, interval: 5 });
      const explanation = [`the subscription was silent for ${allowed} ms and was not replaced, allowed ${allowed} ms`];
      return found(begun === true ? 1 : 0, again === true ? null : explanation);
    },
  },
];
