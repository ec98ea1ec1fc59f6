// @module-tag slow
/** The effects of faults of the servers, observed by their own figures, by /proc, and by raw sockets. */

import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { RedisTopology } from "../../../scenarios/declare/fault-places.ts";
import { dumpsOf, entriesOf, epochsOf } from "../../../src/check/observed/observation.ts";
import { replayEpochs } from "../../../src/check/observed/replay.ts";
import { judgeRecorded } from "../../../src/judges/recorded/run.ts";
import { judgeSequences } from "../../../src/judges/sequences.ts";
import { type Lab, openLab } from "../../../src/lab/lab.ts";
import { waitFor } from "../../../src/lab/process/wait.ts";
import type { RedisServer } from "../../../src/lab/servers/redis.ts";
import { keyspace } from "../../../src/redis/scripts/keys.ts";
import { loadScripts } from "../../../src/redis/scripts/scripts.ts";
import { trialOf } from "../../check/trials.ts";
import { asCommand, calls, type FaultWorld, openFaultWorld, patient, space } from "../faults/fault-world.ts";

let lab: Lab;
beforeAll(async () => {
  lab = await openLab();
});
afterAll(async () => {
  await lab.close();
});

async function inWorld(test: (world: FaultWorld) => Promise<void>, kind: RedisTopology = "single", instances = 1) {
  await using stack = new AsyncDisposableStack();
  await test(await openFaultWorld(lab, stack, kind, instances));
}

const offer = { partition: 0, max_jobs: 9, ttl: 60_000, pools: [], languages: [], services: [] };
const register = (node: string) =>
  asCommand(
    calls.registerNode({
      ...offer,
      node,
      registration: `token-${node}`,
      expected: null,
    }),
  );
/** With its source: a server that was restarted does not know it. */
const whole = ([, , ...rest]: readonly string[]) => ["EVAL", loadScripts().scripts.register_node.source, ...rest];
const stateOf = (pid: number) => /\) (\w) /.exec(readFileSync(`/proc/${pid}/stat`, "latin1"))?.[1];
const roleOf = async (server: RedisServer) => /role:(\w+)/.exec(await server.ask("INFO", "replication"))?.[1];
const runOf = (info: string) => /run_id:(\w+)/.exec(info)?.[1];

describe("a server's process", () => {
  it("redis_pause stops it, and it goes on", () =>
    inWorld(async ({ inject, servers }) => {
      const { begun, ended } = inject({ kind: "redis_pause", at: 0, lasts: 400 });
      await begun;
      expect(stateOf(servers.primary.pid)).toBe("T");
      await ended;
      expect(stateOf(servers.primary.pid)).not.toBe("T");
      expect(await servers.primary.ask("PING")).toBe("+PONG");
    }));

  it.each([
    ["lost", ":0"],
    ["kept", ":1"],
  ] as const)("redis_restart with data %s is another process with another run id", (data, held) =>
    inWorld(async ({ inject, servers }) => {
      const { primary } = servers;
      await primary.execute("SET", "key", "1");
      const [pid, run] = [primary.pid, runOf(await primary.ask("INFO", "server"))];
      await inject({ kind: "redis_restart", at: 0, data }).ended;
      expect(primary.pid).not.toBe(pid);
      expect(runOf(await primary.ask("INFO", "server"))).not.toBe(run);
      expect(await primary.ask("EXISTS", "key")).toBe(held);
    }),
  );

  it("redis_loading answers LOADING, and then all is there", () =>
    inWorld(async ({ inject, servers }) => {
      await servers.primary.execute("SET", "key", "1");
      const { begun, ended } = inject({ kind: "redis_loading", at: 0, lasts: 600 });
      await begun;
      expect(await servers.primary.ask("GET", "key")).toMatch(/^-LOADING/);
      await ended;
      expect(await servers.primary.ask("GET", "key")).toBe("$1");
    }));
});

describe("a server's answers", () => {
  it("client_pause: writes and scripts wait, reads do not", () =>
    inWorld(async ({ dial, inject, servers }) => {
      const client = await dial(servers.primary.port);
      const { begun, ended } = inject({ kind: "client_pause", at: 0, lasts: 500 });
      await begun;
      client.send("SET", "key", "1");
      expect(await servers.primary.ask("GET", "key")).toBe("$");
      expect(client.text).toBe("");
      await ended;
      await client.until(() => client.text === "+OK\r\n");
    }));

  it("redis_busy: BUSY, and none of it afterwards", () =>
    inWorld(async ({ inject, servers }) => {
      const { begun, ended } = inject({ kind: "redis_busy", at: 0, lasts: 400 });
      await begun;
      expect(await servers.primary.ask("GET", "key")).toMatch(/^-BUSY/);
      await ended;
      expect(await servers.primary.ask("SET", "key", "1")).toBe("+OK");
    }));

  it("redis_out_of_memory: writes are refused with OOM, reads are answered", () =>
    inWorld(async ({ inject, servers }) => {
      const { begun, ended } = inject({ kind: "redis_out_of_memory", at: 0, lasts: 500 });
      await begun;
      expect(await servers.primary.ask("SET", "key", "1")).toMatch(/^-OOM/);
      expect(await servers.primary.ask(...register("n1"))).toMatch(/^-OOM/);
      expect(await servers.primary.ask("GET", "key")).toBe("$");
      await ended;
      expect(await servers.primary.ask("SET", "key", "1")).toBe("+OK");
    }));

  it("redis_readonly: the address leads to a replica, which takes no writes", () =>
    inWorld(async ({ dial, inject, port, servers }) => {
      const { begun, ended } = inject({ kind: "redis_readonly", at: 0, lasts: 600 });
      await begun;
      const client = await dial(port("commands"));
      expect(await client.ask("SET", "key", "1")).toMatch(/^-READONLY/);
      expect(await client.ask("ROLE")).toContain("slave");
      expect(await servers.primary.ask("SET", "key", "2")).toBe("+OK");
      await ended;
      expect(await (await dial(port("commands"))).ask("SET", "key", "3")).toBe("+OK\r\n");
    }, "replica"));

  it("script_flush: the server knows no script any more", () =>
    inWorld(async ({ inject, recorder, servers }) => {
      const { sha } = loadScripts().scripts.changes_since;
      expect(await servers.primary.ask("EVALSHA", sha, "0")).not.toMatch(/^-NOSCRIPT/);
      const { begun, ended } = inject({ kind: "script_flush", at: 0 });
      await begun;
      expect(await servers.primary.ask("EVALSHA", sha, "0")).toMatch(/^-NOSCRIPT/);
      await servers.primary.ask("EVAL", loadScripts().scripts.changes_since.source, "0");
      await ended;
      const [begins, heals] = recorder.events.filter(({ kind }) => kind === "fault");
      expect([begins, heals]).toMatchObject([{ step: "inject" }, { step: "heal" }]);
    }));

  it("client_kill: only the instances' connections are closed", () =>
    inWorld(async ({ dial, inject, port, servers }) => {
      const [commands, feed] = [await dial(port("commands")), await dial(port("feed"))];
      await commands.ask("CLIENT", "SETNAME", "lockproof-i0-commands");
      await feed.ask("CLIENT", "SETNAME", "lockproof-i0-subscriber");
      const other = await dial(servers.primary.port);
      await other.ask("CLIENT", "SETNAME", "lockproof-observer-commands");
      const { ended } = inject({ kind: "client_kill", at: 0, link: "commands" });
      await commands.until(() => commands.isClosed);
      expect(await other.ask("PING")).toBe("+PONG\r\n");
      expect(await feed.ask("PING")).toBe("+PONG\r\n");
      await ended;
    }));
});

describe("what a server holds", () => {
  it("flush_all: nothing is left, and what there was had been seen", () =>
    inWorld(async ({ inject, recorder, servers }) => {
      const { primary } = servers;
      await primary.ask(...register("n1"));
      const { begun, ended } = inject({ kind: "flush_all", at: 0 });
      await begun;
      expect(await primary.ask("DBSIZE")).toBe(":0");
      const seen = dumpsOf(recorder.observations).findLast(({ nodes }) => nodes.length > 0);
      expect(seen?.nodes.map(({ content }) => content.node)).toEqual(["n1"]);
      await ended;
    }));

  it("feed_entry_deleted: the newest entry is gone, the observer had read it, and it is over once there is a newer one", () =>
    inWorld(async ({ inject, recorder, servers }) => {
      const { primary } = servers;
      for (const node of ["n1", "n2"]) await primary.ask(...register(node));
      const { begun, ended } = inject({ kind: "feed_entry_deleted", at: 0 });
      await begun;
      const ids =
        "local ids = {} for place, entry in ipairs(redis.call('XRANGE', KEYS[1], '-', '+')) do ids[place] = entry[1] end";
      const entries = () => primary.ask("EVAL", `${ids} return table.concat(ids, ' ')`, "1", space.feed);
      expect(await entries()).toBe("$1-0");
      expect(entriesOf(recorder.observations).map(({ sequence }) => sequence)).toEqual([1, 2]);
      await primary.ask(...register("n3"));
      await ended;
      expect(await entries()).toBe("$1-0 3-0");
      const [begins, heals] = recorder.events.filter(({ kind }) => kind === "fault");
      expect([begins, heals]).toMatchObject([{ step: "inject" }, { step: "heal" }]);
    }));

  it.each(["meta", "expiry", "feed"] as const)("wrong_type: %s is a string, and itself again afterwards", (key) =>
    inWorld(async ({ inject, servers }) => {
      const { primary } = servers;
      await primary.ask(...register("n1"));
      const type = await primary.ask("TYPE", space[key]);
      expect(type).not.toBe("+string");
      const { begun, ended } = inject({ kind: "wrong_type", at: 0, lasts: 400, key });
      await begun;
      expect(await primary.ask("TYPE", space[key])).toBe("+string");
      expect(await primary.ask(...register("n2"))).toMatch(/^-WRONGTYPE/);
      await ended;
      expect(await primary.ask("TYPE", space[key])).toBe(type);
      expect(await primary.ask("EXISTS", `${space[key]}:aside`)).toBe(":0");
      expect(await primary.ask(...register("n2"))).toMatch(/^\*/);
    }),
  );
});

describe("redis_failover", () => {
  it.each(["replica", "sentinel", "cluster"] as const)("to a replica that lacks the last writes, on %s", (kind) =>
    inWorld(async ({ inject, recorder, servers }) => {
      const former = servers.primary;
      const next = servers.replicaOf(former);
      const { meta } = keyspace("t:", "p0");
      await former.ask(...register("n1"));
      await waitFor(async () => ((await next.ask("DBSIZE")) !== ":0" ? true : undefined), patient);
      const { begun, ended } = inject({ kind: "redis_failover", at: 0, lasts: 500 });
      await begun;
      await former.ask(...register("n2"));
      expect(await former.ask("HGET", meta, "sequence")).toBe("$2");
      await ended;
      expect([await roleOf(former), await roleOf(next)]).toEqual(["slave", "master"]);
      expect(await next.ask("HGET", meta, "sequence")).toBe("$1");
      expect(servers.primary).toBe(next);
      const left = dumpsOf(recorder.observations).findLast(({ version }) => version === null)?.left;
      expect(left?.sequence).toBe(1);
      if (kind === "sentinel")
        for (const sentinel of servers.sentinels)
          expect(await sentinel.ask("INFO", "sentinel")).toContain(`address=127.0.0.1:${next.port},`);
      const elsewhere = kind === "cluster" ? servers.primaries.find((each) => each !== former) : next;
      const reply = await elsewhere?.ask("SET", meta, "x", "NX", "EX", "1");
      expect(reply).toMatch(kind === "cluster" ? new RegExp(`^-MOVED \\d+ .*:${servers.announced(next)}$`) : /^\$/);
    }, kind),
  );
});

describe("one fault after another", () => {
  it("a server that was promoted is a primary still when it comes back from a restart", () =>
    inWorld(async ({ inject, servers }) => {
      const next = servers.replicaOf(servers.primary);
      await inject({ kind: "redis_failover", at: 0, lasts: 200 }).ended;
      await inject({ kind: "redis_restart", at: 0, data: "kept" }).ended;
      expect(servers.primary).toBe(next);
      expect(await roleOf(next)).toBe("master");
      expect(await next.ask("SET", "key", "1")).toBe("+OK");
    }, "replica"));
});

describe("a restart of a primary that has a replica", () => {
  it.each(["lost", "kept"] as const)("begins only epochs that the observer sees, with data %s", (data) =>
    inWorld(async ({ dial, inject, port, recorder, servers }) => {
      const [{ primary }, replica] = [servers, servers.replicaOf(servers.primary)];
      await primary.ask(...register("n1"));
      const acknowledged = new Map<string, number>();
      let isOver = false;
      let writes = 0;
      // As instances do: again and again, and again on another connection.
      const write = async (writer: number) => {
        for (let number = 0; !isOver; ) {
          const client = await dial(port("commands")).catch(() => null);
          while (!isOver && client !== null && !client.isClosed) {
            const { length } = client.text;
            client.send(...whole(register(`m${writer}-${number++}`)));
            await client.until(() => client.text.length > length || client.isClosed);
            const reply = client.text.slice(length);
            const [, epoch = "", sequence = ""] = /registered\r\n\$\d+\r\n([0-9a-f]+):(\d+)/u.exec(reply) ?? [];
            if (epoch === "") continue;
            acknowledged.set(epoch, Math.max(Number(sequence), acknowledged.get(epoch) ?? 0));
            writes += 1;
          }
          await new Promise((resolve) => setImmediate(resolve));
        }
      };
      const writing = Promise.all([0, 1, 2, 3].map(write));
      await waitFor(() => (acknowledged.size > 0 ? true : undefined), patient);
      await inject({ kind: "redis_restart", at: 0, data }).ended;
      const isLinked = async () =>
        (await replica.ask("INFO", "replication")).includes("master_link_status:up\r\n") &&
        (await primary.ask("INFO", "replication")).includes("state=online");
      expect(await waitFor(async () => ((await isLinked()) ? true : undefined), patient)).toBe(true);
      const before = writes;
      await waitFor(() => (writes > before + 1 ? true : undefined), patient);
      isOver = true;
      await writing;
      const seen = new Map<string, number>();
      for (const one of recorder.observations) {
        if (one.kind === "entry") seen.set(one.epoch, Math.max(one.sequence, seen.get(one.epoch) ?? 0));
      }
      const last = [...acknowledged.keys()].at(-1) ?? "";
      for (const [epoch, sequence] of acknowledged)
        if (epoch !== last) expect(seen.get(epoch)).toBeGreaterThanOrEqual(sequence);
      expect(acknowledged.size).toBeGreaterThanOrEqual(2);
    }, "replica"),
  );
});

describe("redis_split_brain", () => {
  it.each(["replica", "sentinel", "cluster"] as const)(
    "on %s: two primaries at once, each with its instances",
    (kind) =>
      inWorld(
        async ({ dial, inject, links, recorder, servers }) => {
          await servers.primary.ask(...register("n1"));
          const former = servers.primary;
          const next = servers.replicaOf(former);
          const { begun, ended } = inject({ kind: "redis_split_brain", at: 0, lasts: 1_500, instances: [0] });
          await begun;
          expect([await roleOf(former), await roleOf(next)]).toEqual(["master", "master"]);
          if (kind === "cluster") {
            // They have heard of it all, and it has heard nothing.
            const others = servers.data.filter((node) => node !== former);
            await untilAllName(others, next, servers.announced(next));
            expect(await roleOf(former)).toBe("master");
          }
          await former.execute("SET", who, "former");
          await next.execute("SET", who, "next");
          // The new one first: the old one's entries are recorded before it all the same.
          for (const node of ["n2", "n3", "n4"]) await next.ask(...register(node));
          await former.ask(...register("n5"));
          const whom = async (instance: number, server: RedisServer) => {
            const route = links[instance]?.commands.routeTo(server);
            return await (await dial(route?.proxy.listenPort ?? 0)).ask("GET", who);
          };
          expect(await whom(0, former)).toContain("former");
          expect(await whom(1, next)).toContain("next");
          if (kind !== "replica") {
            await expect(whom(0, next)).rejects.toThrow("ECONNREFUSED");
            await expect(whom(1, former)).rejects.toThrow("ECONNREFUSED");
          }
          await ended;
          expect(await roleOf(former)).toBe("slave");
          expect(await waitFor(async () => (isNext(await former.ask("GET", who)) ? true : undefined), patient)).toBe(
            true,
          );
          expect(await whom(0, next)).toContain("next");
          if (kind === "cluster") await untilAllName(servers.data, next, servers.announced(next));
          const { observations } = recorder;
          expect(epochsOf(observations, 0)).toHaveLength(2);
          expect(judgeRecorded(judgeSequences, trialOf({ history: recorder.events, observations })).violations).toEqual(
            [],
          );
          const nodes = replayEpochs(observations).map(({ steps }) => steps.map(({ entry }) => entry.change.node));
          expect(nodes).toEqual([
            ["n1", "n5"],
            ["n2", "n3", "n4"],
          ]);
        },
        kind,
        2,
      ),
  );
});

/** In the slot of the partition, and not one of ours. */
const who = space.node("who");
/** A replica of a Cluster redirects clients to its primary. */
const isNext = (reply: string) => reply === "$next" || reply.startsWith("-MOVED");

/** All nodes of a Cluster agree again on who serves the partition, those that were cut off too. */
async function untilAllName(nodes: readonly RedisServer[], owner: RedisServer, port: number): Promise<void> {
  for (const node of nodes.filter((each) => each !== owner)) {
    const looked = async () => ((await node.ask("GET", who)).endsWith(`:${port}`) ? true : undefined);
    expect(await waitFor(looked, patient)).toBe(true);
  }
}

describe("slot_migration", () => {
  it("moves the keys one by one: neither side can run a script meanwhile, and then the other one does", () =>
    inWorld(async ({ inject, servers }) => {
      const source = servers.primary;
      await source.ask(...register("n1"));
      const { begun, ended } = inject({ kind: "slot_migration", at: 0, lasts: 800, partition: 0 });
      await begun;
      expect(await source.ask(...register("n2"))).toMatch(/^-(TRYAGAIN|ASK)/);
      await ended;
      const target = servers.primary;
      expect(target).not.toBe(source);
      expect(await source.ask(...register("n2"))).toMatch(/^-MOVED/);
      expect(await target.ask("EXISTS", space.node("n1"))).toBe(":1");
      expect(await target.ask(...register("n2"))).toMatch(/^\*/);
    }, "cluster"));
});
