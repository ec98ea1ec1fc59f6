/** A claim about an instance that meets a configuration that another program has made unreadable. */
import type { ConfigContent } from "../../../protocol/configuration.ts";
import type { InstanceCheck } from "../instance/check.ts";
import { pair } from "../instance/scripted-log.ts";
import { failed } from "../instance/scripted-store.ts";
import type { Stage } from "../instance/stage.ts";

const content: ConfigContent = {
  ...{ enabled: true, pool_count: 1, hash_seed: 7, fallback_scan_all_pools: false },
  pools: [{ id: "p", name: "", required_services: [], language_pairs: [pair] }],
};

function spoil({ store }: Stage, how: "record" | "type"): void {
  const { epoch, sequence } = store.configVersion;
  const version = { epoch, sequence: sequence + 1 };
  store.configVersion = version;
  store.scripts.readConfig = () =>
    how === "type" ? failed("wrong_type", "no") : { kind: "malformed", version, reason: "wrong_type" };
}

function put({ store }: Stage): void {
  const { epoch, sequence } = store.configVersion;
  store.configVersion = { epoch, sequence: sequence + 1 };
  store.config = { ...content, version: store.configVersion };
}

function searched({ scheduler }: Stage): readonly string[] {
  return scheduler.selectNodes({ ...pair, services: [], count: 1 }).pools;
}

export const wrongConfigurationChecks: readonly InstanceCheck[] = [
  {
    id: "configuration-malformed-kept",
    property: "S4",
    claim:
      "where the stored configuration is malformed the former one stays in force, or none; that is reported once, and nothing waits for a better one",
    async perform(makeStage, compare) {
      for (const how of ["record", "type"] as const) {
        const stage = makeStage();
        put(stage);
        await stage.start();
        const held = stage.scheduler.config();
        spoil(stage, how);
        for (let times = 0; times < 3; times += 1) {
          stage.feed.wake("cfg", stage.store.configVersion);
          stage.feed.listener?.connected();
          await stage.clock.advance(50);
        }
        compare.same(`${how}: the configuration`, stage.scheduler.config(), held);
        compare.same(`${how}: the pools`, searched(stage), ["p"]);
        compare.same(`${how}: the mode`, stage.mode, "normal");
        const reported = stage.events("config_malformed", "config_changed", "mode_changed");
        compare.same(`${how}: what is reported`, reported, [{ kind: "config_malformed", reason: "wrong_type" }]);
        await stage.clock.advance(40_000);
        compare.same(`${how}: the mode after a long time`, stage.mode, "normal");
        stage.store.scripts = {};
        put(stage);
        stage.feed.wake("cfg", stage.store.configVersion);
        await stage.clock.advance(50);
        compare.same(`${how}: the next one`, stage.scheduler.config()?.version, stage.store.configVersion);
        const started = makeStage();
        spoil(started, how);
        await started.clock.advance(1);
        started.scheduler.start().catch(() => {});
        await started.clock.advance(1_000);
        compare.same(`${how}: an instance that starts`, [started.mode, started.events("ready").length], ["normal", 1]);
        compare.same(`${how}: its configuration`, [started.scheduler.config(), searched(started)], [null, []]);
        compare.same(`${how}: what it reports`, started.events("config_malformed").length, 1);
      }
    },
  },
];
