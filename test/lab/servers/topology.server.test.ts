import { describe, expect, it } from "vitest";
import { openLab } from "../../../src/lab/lab.ts";
import { recordedServers } from "../../../src/lab/process/folder.ts";
import { isAlive } from "../../../src/lab/process/process.ts";
import { waitFor } from "../../../src/lab/process/wait.ts";
import { startCluster } from "../../../src/lab/servers/cluster.ts";
import { startReplica } from "../../../src/lab/servers/replica.ts";
import { primaryPort, startSentinel } from "../../../src/lab/servers/sentinel.ts";

const patience = { timeout: 20_000, interval: 10 };

describe("a replica", () => {
  it("follows its primary through a proxy, and loses what was written while the link was cut", async () => {
    await using lab = await openLab();
    const primary = await lab.redis({ args: ["--repl-diskless-sync-delay", "0"] });
    const toxiproxy = await lab.toxiproxy();
    const link = await toxiproxy.createProxy({ name: "replication", upstream: `127.0.0.1:${primary.port}` });
    await primary.execute("SET", "key", "1");
    const replica = await startReplica(lab, { of: link.listenPort });
    await expect(replica.ask("GET", "key")).resolves.toBe("$1");
    await link.addToxic({ name: "cut", type: "timeout", stream: "downstream", attributes: { timeout: 0 } });
    await primary.execute("SET", "key", "2");
    await primary.kill();
    await replica.execute("REPLICAOF", "NO", "ONE");
    await expect(replica.ask("GET", "key")).resolves.toBe("$1");
  });
});

describe("a replica that is in sync", () => {
  it("is fed: its primary says so too", async () => {
    await using lab = await openLab();
    const primary = await lab.redis({ args: ["--repl-diskless-sync-delay", "0"] });
    const replica = await startReplica(lab, { of: primary.port });
    await expect(primary.ask("INFO", "replication")).resolves.toContain(`port=${replica.port},state=online`);
    await primary.execute("SET", "key", "1");
    const look = async () => ((await replica.ask("GET", "key")) === "$1" ? true : undefined);
    await expect(waitFor(look, { timeout: 500, interval: 1 })).resolves.toBe(true); // not only with the next acknowledgement
  });
});

describe("a Sentinel topology", () => {
  it("promotes the replica when the primary is killed", async () => {
    await using lab = await openLab();
    const topology = await startSentinel(lab);
    const [replica] = topology.replicas;
    await expect(primaryPort(topology)).resolves.toBe(topology.primary.port);
    await topology.primary.kill();
    const promoted = await waitFor(async () => {
      const port = await primaryPort(topology);
      return port === topology.primary.port ? undefined : port;
    }, patience);
    expect(promoted).toBe(replica?.port);
    await expect(replica?.ask("SET", "key", "value")).resolves.toBe("+OK");
  });
});

describe("Sentinels that are too few", () => {
  it("are refused at once, and nothing of them is left", async () => {
    await using lab = await openLab();
    await expect(startSentinel(lab, { sentinels: 1, quorum: 2 })).rejects.toThrow(/NOQUORUM.*Start more of them/su);
    const servers = recordedServers(lab.folder);
    expect(servers).toHaveLength(3);
    await lab.close();
    expect(servers.filter(isAlive)).toEqual([]);
  });
});

describe("a Cluster", () => {
  it("serves every slot, and each replica follows its primary", async () => {
    await using lab = await openLab();
    const { primaries, replicas } = await startCluster(lab, { replicasEach: 1 });
    const served = await Promise.all(primaries.map((primary) => primary.ask("SET", "key", "value")));
    expect(served.filter((reply) => reply === "+OK")).toHaveLength(1);
    expect(served.filter((reply) => reply.startsWith("-MOVED"))).toHaveLength(2);
    for (const [index, [replica]] of replicas.entries()) {
      const info = (await replica?.ask("INFO", "replication")) ?? "";
      expect(info).toContain(`master_port:${primaries[index]?.port}\r\n`);
      expect(info).toContain("master_link_status:up");
    }
  });
});
