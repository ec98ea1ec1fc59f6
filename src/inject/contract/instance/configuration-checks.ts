/** Claims about the configuration of the pools: which one is in force, where it came from, and which ones are refused before anything is sent. */
import type { ConfigContent, PoolConfig } from "../../../protocol/configuration.ts";
import type { Version } from "../../../protocol/version.ts";
import type { InstanceCheck } from "./check.ts";
import { pair } from "./scripted-log.ts";
import { failed } from "./scripted-store.ts";
import { ended, type Stage } from "./stage.ts";

const pool: PoolConfig = { id: "p", name: "", required_services: [], language_pairs: [pair] };
const content: ConfigContent = {
  ...{ enabled: true, pool_count: 1, hash_seed: 7, fallback_scan_all_pools: false },
  pools: [pool],
};

/** Puts one into the store, as another instance does. */
function put({ store }: Stage, more: Partial<ConfigContent> = {}): Version {
  const { epoch, sequence } = store.configVersion;
  store.configVersion = { epoch, sequence: sequence + 1 };
  store.config = { ...content, ...more, version: store.configVersion };
  return store.configVersion;
}

/** The pools that a selection searched: none where no configuration is in force. */
function searched({ scheduler }: Stage): readonly string[] {
  return scheduler.selectNodes({ ...pair, services: [], count: 1 }).pools;
}

/** Returns the calls that the instance made after `wake`, and the version of its configuration then; null: none. */
async function looked({ clock, scheduler, store }: Stage, wake: () => void) {
  store.asked = [];
  wake();
  await clock.advance(10);
  const calls = store.asked.map(({ call }) => call);
  return { calls, held: scheduler.config()?.version ?? null };
}

const asked = ["checkConfig", "readConfig"] as const;

export const configurationChecks: readonly InstanceCheck[] = [
  {
    id: "configuration-followed",
    property: "S4",
    claim:
      "a configuration is read once when there is news of it, is in force from then on if it is enabled, and is reported",
    async perform(makeStage, compare) {
      const stage = makeStage();
      const { feed, scheduler } = stage;
      await stage.start();
      compare.same("at first: configuration, pools", [scheduler.config(), searched(stage)], [null, []]);
      const first = put(stage);
      const wake =
        (version: Version): (() => void) =>
        () =>
          feed.wake("cfg", version);
      compare.same("news", await looked(stage, wake(first)), { calls: asked, held: first });
      compare.same("the configuration", scheduler.config(), { ...content, version: first });
      compare.same("pools", searched(stage), ["p"]);
      const changed = { kind: "config_changed", version: first, enabled: true };
      compare.same("the event", stage.events("config_changed"), [changed]);
      stage.forget();
      compare.same("old news", await looked(stage, wake(first)), { calls: [], held: first });
      compare.same("older news", await looked(stage, wake({ epoch: "a", sequence: 0 })), { calls: [], held: first });
      stage.store.configVersion = { epoch: "a", sequence: 2 };
      compare.same("news of no other", await looked(stage, wake({ epoch: "a", sequence: 2 })), {
        calls: asked,
        held: first,
      });
      compare.same("events of it", stage.events("config_changed"), []);
      const off = put(stage, { enabled: false });
      compare.same("one that is disabled", await looked(stage, wake(off)), { calls: asked, held: off });
      compare.same("its pools", searched(stage), []);
      stage.store.config = null;
      stage.store.configVersion = { epoch: "b", sequence: 0 };
      const gone = await looked(stage, wake({ epoch: "b", sequence: 0 }));
      compare.same("another epoch, without one", gone, { calls: asked, held: null });
      compare.same("the events", stage.events("config_changed", "epoch_left", "epoch_adopted"), [
        { kind: "config_changed", version: off, enabled: false },
        { kind: "epoch_left", partition: "cfg", ...off },
        { kind: "epoch_adopted", partition: "cfg", epoch: "b", sequence: 0 },
        { kind: "config_changed", version: null, enabled: false },
      ]);
      const later = put(stage);
      compare.same("one in it", await looked(stage, wake(later)), { calls: asked, held: later });
      compare.same("the mode", stage.mode, "normal");
    },
  },
  {
    id: "configuration-asked-once",
    property: "S4",
    claim: "what is put while the configuration is read is read too, and no two requests for it are in flight",
    async perform(makeStage, compare) {
      const stage = makeStage();
      const { clock, feed, scheduler, store } = stage;
      await stage.start();
      let flying = 0;
      let most = 0;
      for (const call of asked) {
        store.scripts[call] = async <Reply>(usual: () => Reply): Promise<Reply> => {
          flying += 1;
          most = Math.max(most, flying);
          const reply = usual();
          await clock.sleep(3);
          flying -= 1;
          return reply;
        };
      }
      feed.wake("cfg", put(stage));
      await clock.advance(6);
      const last = put(stage, { hash_seed: 8 });
      for (let times = 0; times < 3; times += 1) feed.wake("cfg", last);
      await clock.advance(30);
      compare.same("the one in force", scheduler.config()?.version, last);
      compare.same("requests in flight", most, 1);
      compare.same(
        "requests",
        store.asked.map(({ call }) => call),
        [...asked, ...asked],
      );
      store.scripts = {};
      store.asked = [];
      feed.listener?.disconnected("gone");
      compare.same("connected", scheduler.status().connected, false);
      feed.listener?.connected();
      await clock.advance(10);
      compare.same("connected again", scheduler.status().connected, true);
      compare.same(
        "what it asks then",
        store.asked.map(({ call }) => call),
        ["changesSince", "checkConfig"],
      );
      const both = stage.events("feed_disconnected", "feed_connected");
      compare.same("the events", both, [{ kind: "feed_disconnected", reason: "gone" }, { kind: "feed_connected" }]);
    },
  },
  {
    id: "configuration-of-another-store",
    property: "S4",
    claim: "no configuration is taken from a server that is behind, or in an abandoned epoch",
    async perform(makeStage, compare) {
      const cases = [
        ["behind, by a check", "checkConfig", { epoch: "b", sequence: 0 }, "store_behind"],
        ["behind, by a page", "readConfig", { epoch: "b", sequence: 0 }, "store_behind"],
        ["left, by a check", "checkConfig", { epoch: "a", sequence: 9 }, "left_epoch"],
        ["left, by a page", "readConfig", { epoch: "a", sequence: 9 }, "left_epoch"],
      ] as const;
      for (const [what, call, version, cause] of cases) {
        const stage = makeStage();
        const { clock, feed, scheduler, store } = stage;
        put(stage);
        await stage.start();
        store.configVersion = { epoch: "b", sequence: 0 };
        const held = put(stage, { hash_seed: 8 });
        feed.wake("cfg", held);
        await clock.advance(10);
        stage.forget();
        feed.wake("cfg", { epoch: "a", sequence: 9 });
        await clock.advance(5);
        compare.same(`${what}: a wake-up of the abandoned epoch`, store.asked, []);
        const config = { ...content, version };
        if (call === "checkConfig") store.scripts.checkConfig = () => ({ kind: "changed", version });
        store.scripts.readConfig = () => ({ kind: "config", version, config });
        put(stage);
        feed.wake("cfg", store.configVersion);
        await clock.advance(10);
        compare.same(`${what}: the one in force`, scheduler.config()?.version, held);
        compare.same(`${what}: how the mode changed`, stage.events("mode_changed"), [
          { kind: "mode_changed", from: "normal", to: "l2_only", cause },
        ]);
        const operation = call === "checkConfig" ? "check_config" : "read_config";
        const said =
          cause === "left_epoch"
            ? { kind: "dropped_reply", operation, partition: "cfg", version }
            : { kind: "store_behind", partition: "cfg", held, reported: version };
        compare.same(`${what}: the event`, stage.events("dropped_reply", "store_behind"), [said]);
        store.scripts = {};
        await clock.advance(600);
        compare.same(`${what}: in the end`, [stage.mode, scheduler.config()?.version], ["normal", store.configVersion]);
      }
    },
  },
  {
    id: "configuration-of-the-past",
    property: "D4",
    claim:
      "no configuration is taken from a server in an epoch that the followed one names as past, or that fewer were before; with as many it may be the only one left",
    async perform(makeStage, compare) {
      const stage = makeStage();
      const { clock, feed, scheduler, store } = stage;
      put(stage);
      await stage.start();
      store.configVersion = { epoch: "c", sequence: 0 };
      const held = put(stage, { hash_seed: 8 });
      const succession = { generation: 3, past: ["a", "b"] };
      store.scripts.readConfig = () => ({ kind: "config", version: held, config: store.config, succession });
      feed.wake("cfg", held);
      await clock.advance(10);
      store.scripts = {};
      stage.forget();
      store.configVersion = { epoch: "b", sequence: 8 };
      put(stage, { hash_seed: 9 });
      feed.wake("cfg", { epoch: "c", sequence: 2 });
      await clock.advance(10);
      const left = [{ kind: "mode_changed", from: "normal", to: "l2_only", cause: "left_epoch" }];
      compare.same("the one in force", scheduler.config()?.version, held);
      compare.same("how the mode changed", stage.events("mode_changed"), left);
      const answerAs = (epoch: string, generation: number): Version => {
        store.configVersion = { epoch, sequence: 0 };
        const version = put(stage, { hash_seed: generation });
        const succession = { generation, past: ["a", "x"] };
        store.scripts.readConfig = () => ({ kind: "config", version, config: store.config, succession });
        return version;
      };
      const other = answerAs("d", 3);
      await clock.advance(1_000);
      compare.same("one that as many were before", [stage.mode, scheduler.config()?.version], ["normal", other]);
      stage.forget();
      answerAs("e", 2);
      feed.wake("cfg", { epoch: "d", sequence: 2 });
      await clock.advance(10);
      compare.same(
        "one that fewer were before",
        [scheduler.config()?.version, stage.events("mode_changed")],
        [other, left],
      );
      answerAs("d", 3);
      await clock.advance(2_000);
      stage.forget();
      feed.wake("cfg", { epoch: "e", sequence: 9 });
      await clock.advance(5);
      compare.same("what is asked after a wake-up of it", [stage.mode, store.asked], ["normal", []]);
    },
  },
  {
    id: "configuration-put",
    property: "S4",
    claim: "a configuration is put as it was given, its lists in order, and the answer of an abandoned epoch is none",
    async perform(makeStage, compare) {
      const stage = makeStage();
      const { clock, scheduler, store } = stage;
      await stage.start();
      const named = { id: "q", name: "Q", required_services: ["t", "s", "t"], language_pairs: [] };
      const given = { ...content, pool_count: 2, pools: [pool, named] };
      const stored = await clock.until(scheduler.putConfig(given, null));
      const version = { epoch: "a", sequence: 1 };
      compare.same("the answer", stored, { kind: "stored", version, config: version });
      const ordered = { ...given, pools: [pool, { ...named, required_services: ["s", "t"] }] };
      compare.same("the request", store.requests("putConfig"), [{ expected: null, content: ordered }]);
      await clock.advance(10);
      compare.same("what is in force", scheduler.config(), { ...ordered, version });
      store.asked = [];
      const expected = { epoch: "a", sequence: 1 };
      store.scripts.putConfig = () => ({ kind: "conflict", version, config: version });
      const conflict = await clock.until(scheduler.putConfig(content, expected));
      compare.same("a conflict", conflict, { kind: "conflict", version, config: version });
      compare.same("its request", store.requests("putConfig"), [{ expected, content }]);
      store.scripts.putConfig = () => failed("denied", "no");
      compare.same("a failure", await clock.until(scheduler.putConfig(content, null)), failed("denied", "no"));
      store.configVersion = { epoch: "b", sequence: 0 };
      stage.feed.wake("cfg", store.configVersion);
      await clock.advance(10);
      stage.forget();
      store.scripts.putConfig = () => ({ kind: "stored", version, config: version });
      const past = await clock.until(scheduler.putConfig(content, null));
      const message = "answered in epoch a, which was abandoned: what was written may be lost";
      compare.same("an answer of an abandoned epoch", past, { ...failed("readonly"), message });
      const dropped = { kind: "dropped_reply", operation: "put_config", partition: "cfg", version };
      compare.same("its event", stage.events("dropped_reply"), [dropped]);
    },
  },
  {
    id: "configuration-refused",
    property: "K7",
    claim:
      "a configuration that the protocol does not allow is refused before anything is sent, and the limits are allowed",
    async perform(makeStage, compare) {
      const stage = makeStage();
      const { clock, scheduler, store } = stage;
      await stage.start();
      const many = (count: number): PoolConfig[] =>
        Array.from({ length: count }, (_, index) => ({ ...pool, id: `p${index}` }));
      const of = (change: object): unknown => ({ ...content, pools: [{ ...pool, ...change }] });
      const services = (count: number): string[] => Array.from({ length: count }, (_, index) => `s${index}`);
      const refused: Readonly<Record<string, unknown>> = {
        "pool_count too small": { ...content, pool_count: 0 },
        "pool_count too large": { ...content, pool_count: 2 },
        "pool_count below 0": { ...content, pool_count: -1, pools: [] },
        "too many pools": { ...content, pool_count: 10_001, pools: many(10_001) },
        "hash_seed below 0": { ...content, hash_seed: -1 },
        "hash_seed of 33 bits": { ...content, hash_seed: 4_294_967_296 },
        "hash_seed with a fraction": { ...content, hash_seed: 0.5 },
        "enabled as a number": { ...content, enabled: 1 },
        "fallback as text": { ...content, fallback_scan_all_pools: "no" },
        "an id twice": { ...content, pool_count: 2, pools: [pool, pool] },
        "an id of 0 bytes": of({ id: "" }),
        "an id of 257 bytes": of({ id: "x".repeat(257) }),
        "a name of 257 bytes": of({ name: "ü".repeat(129) }),
        "a name that is not well-formed": of({ name: "\ud800" }),
        "65 services": of({ required_services: services(65) }),
        "a service of 0 bytes": of({ required_services: [""] }),
        "a language that is none": of({ language_pairs: [{ source: "d e", target: "en" }] }),
      };
      for (const [what, config] of Object.entries(refused)) {
        const found = await clock.until(ended(scheduler.putConfig(config as ConfigContent, null)));
        compare.same(what, found, "InvalidInputError");
      }
      compare.same("what was sent for them", store.asked, []);
      const allowed: Readonly<Record<string, unknown>> = {
        "no pool": { ...content, pool_count: 0, pools: [] },
        "10,000 pools": { ...content, pool_count: 10_000, pools: many(10_000) },
        "the smallest seed": { ...content, hash_seed: 0 },
        "the largest seed": { ...content, hash_seed: 4_294_967_295 },
        "an id of 256 bytes": of({ id: "x".repeat(256) }),
        "a name of 256 bytes": of({ name: "ü".repeat(128) }),
        "64 services": of({ required_services: services(64) }),
        "65 services, one twice": of({ required_services: [...services(64), "s0"] }),
      };
      for (const [what, config] of Object.entries(allowed))
        compare.same(what, (await clock.until(scheduler.putConfig(config as ConfigContent, null))).kind, "stored");
    },
  },
];
