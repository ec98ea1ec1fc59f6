/**
 * A real Cluster in place of a simulated store with partitions that move between nodes. The first node begins with all slots. Each partition that moves
 * goes to a node that has received no other partition in this run, since to its scripts a moved partition is on another server.
 *
 * The nodes know each other from their configuration files and have no cluster bus. Without gossip no node learns of a change late: the owner of a
 * slot is what CLUSTER SETSLOT has set on each node.
 */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Target } from "../conform/plan/world.ts";
import { prefix } from "../conform/store/expect.ts";
import { LabError } from "../lab/error.ts";
import type { Lab } from "../lab/lab.ts";
import { waitFor } from "../lab/process/wait.ts";
import { keyspace } from "../redis/scripts/keys.ts";
import type { Data } from "../simulate/servers/server-state.ts";
import { type Fleet, isEmpty, NotDrivable } from "./fleet.ts";
import { isErrorReply } from "./request.ts";
import type { SyncClient } from "./sync-client.ts";

const nodeCount = 4;
/** Longer than any run: without a bus a node would otherwise be marked as failed. */
const nodeTimeout = 86_400_000;
/** A node that boots with slots waits two seconds before it reports cluster_state:ok. */
const formDeadline = 30_000;
/** More keys than a partition of any scenario has. */
const mostKeys = "10000";

interface ClusterNode {
  readonly url: string;
  readonly id: string;
}

export type Nodes = readonly [ClusterNode, ...ClusterNode[]];

interface Move {
  readonly slot: string;
  readonly from: ClusterNode;
  readonly to: ClusterNode;
}

/** @throws LabError when a node does not find its slots covered within 30 s */
export async function launchCluster(lab: Lab): Promise<Nodes> {
  const [first, ...others] = await Promise.all(Array.from({ length: nodeCount }, (_, index) => startNode(lab, index)));
  if (first === undefined) throw new RangeError("a Cluster without nodes");
  return [first, ...others];
}

async function startNode(lab: Lab, index: number): Promise<ClusterNode> {
  const file = join(lab.folder, `lockstep-nodes-${index}.conf`);
  await writeFile(file, nodesFile(index));
  const args = ["--cluster-enabled", "yes", "--cluster-config-file", file, "--cluster-node-timeout", `${nodeTimeout}`];
  const server = await lab.redis({ args });
  // A node that gives away its last slot would become a replica of the receiver. Redis before 7.0 does not do this and lacks the setting.
  await server.ask("CONFIG", "SET", "cluster-allow-replica-migration", "no");
  const look = async (): Promise<true | undefined> =>
    (await server.ask("CLUSTER", "INFO")).includes("cluster_state:ok") ? true : undefined;
  if ((await waitFor(look, { timeout: formDeadline, interval: 20 })) === true)
    return { url: server.url, id: idOf(index) };
  throw new LabError({
    found: `a node without cluster_state:ok after ${formDeadline} ms`,
    allowed: "a Cluster that is well",
    where: server.url,
    fix: `Look at its log, ${server.logFile}.`,
  });
}

function idOf(index: number): string {
  return String(index).padStart(40, "a");
}

/** A nodes.conf as Redis writes it. The addresses of the other nodes are unreachable: the mirror routes commands itself, and there is no bus. */
function nodesFile(own: number): string {
  const lines = Array.from({ length: nodeCount }, (_, index) => {
    const flags = index === own ? "myself,master" : "master";
    return `${idOf(index)} 127.0.0.1:1@1 ${flags} - 0 0 ${index + 1} connected${index === 0 ? " 0-16383" : ""}`;
  });
  return [...lines, `vars currentEpoch ${nodeCount} lastVoteEpoch 0`, ""].join("\n");
}

export class ClusterNodes implements Fleet {
  readonly #client: SyncClient;
  readonly #nodes: Nodes;
  /** The only server that a run may have, and whether it has begun. */
  #server: number | null = null;
  #hasBegun = false;
  /** Partitions that have moved, with their new owners. */
  readonly #owners = new Map<number, ClusterNode>();
  /** Partitions that are being migrated. */
  readonly #moves = new Map<number, Move>();
  /** Slots that this run or an earlier one has changed. */
  readonly #disturbed = new Set<string>();
  #used = 1;

  constructor(client: SyncClient, nodes: Nodes) {
    this.#client = client;
    this.#nodes = nodes;
  }

  get servers(): readonly number[] {
    return this.#server === null ? [] : [this.#server];
  }

  isLoading(): boolean {
    return false;
  }

  urlOf(server: number, target: Target): string {
    this.#mustBe(server);
    return this.#ownerOf(target).url;
  }

  /** ASKING makes a node answer for slots that it is importing. */
  everywhere(server: number, command: readonly string[]): readonly unknown[] {
    this.#mustBe(server);
    return this.#nodes
      .slice(0, this.#used)
      .flatMap(({ url }) => this.#client.execute(url, ["ASKING"], command).slice(1));
  }

  askLoading(): never {
    throw new NotDrivable("redis_loading beside slot_migration");
  }

  /** Asks the old owner first and, after an ASK redirection, the new one. */
  askMoving(server: number, partition: number, command: readonly string[]): unknown {
    this.#mustBe(server);
    const { from, to } = this.#begin(partition);
    const [said] = this.#client.commands(from.url, command);
    const isSentOn = isErrorReply(said) && said.error.startsWith("ASK ");
    return isSentOn ? this.#client.commands(to.url, ["ASKING"], command)[1] : said;
  }

  moved(server: number, partition: number): void {
    this.#mustBe(server);
    const { from, slot, to } = this.#begin(partition);
    const [keys] = this.#client.execute(from.url, ["CLUSTER", "GETKEYSINSLOT", slot, mostKeys]);
    for (const key of Array.isArray(keys) ? keys : []) this.#migrate(String(key), from, to);
    // The new owner first, so that the slot has an owner at every moment.
    for (const { url } of [to, from]) this.#client.execute(url, ["CLUSTER", "SETSLOT", slot, "NODE", to.id]);
    this.#owners.set(partition, to);
    this.#moves.delete(partition);
  }

  began(server: number, data: Data): void {
    if (this.#hasBegun || !isEmpty(data)) {
      throw new NotDrivable("a server that takes the place of another beside slot_migration");
    }
    this.#hasBegun = true;
    this.#server = server;
  }

  /** The copy would be for a new server, which `began` refuses. */
  copied(): void {}

  ended(server: number): void {
    this.#mustBe(server);
    this.#server = null;
  }

  emptied(server: number): void {
    this.everywhere(server, ["FLUSHALL"]);
  }

  scriptsFlushed(server: number): void {
    this.everywhere(server, ["SCRIPT", "FLUSH"]);
  }

  reset(): void {
    const [home] = this.#nodes;
    for (const { url } of this.#nodes) {
      this.#client.execute(url, ["FLUSHALL"], ["SCRIPT", "FLUSH"]);
      for (const slot of this.#disturbed) {
        this.#client.execute(
          url,
          ["CLUSTER", "SETSLOT", slot, "STABLE"],
          ["CLUSTER", "SETSLOT", slot, "NODE", home.id],
        );
      }
    }
    this.#disturbed.clear();
    this.#owners.clear();
    this.#moves.clear();
    this.#used = 1;
    this.#hasBegun = false;
    this.#server = null;
  }

  /** Begins a migration with the `meta` key: without it no script can write on the old owner. */
  #begin(partition: number): Move {
    const begun = this.#moves.get(partition);
    if (begun !== undefined) return begun;
    const from = this.#ownerOf(partition);
    const to = this.#nodes[this.#used];
    if (to === undefined) throw new NotDrivable(`slot_migration more than ${nodeCount - 1} times`);
    const { meta } = keyspace(prefix, `p${partition}`);
    const slot = String(this.#client.execute(from.url, ["CLUSTER", "KEYSLOT", meta])[0]);
    this.#used += 1;
    this.#disturbed.add(slot);
    this.#client.execute(to.url, ["CLUSTER", "SETSLOT", slot, "IMPORTING", from.id]);
    this.#client.execute(from.url, ["CLUSTER", "SETSLOT", slot, "MIGRATING", to.id]);
    this.#migrate(meta, from, to);
    const move = { slot, from, to };
    this.#moves.set(partition, move);
    return move;
  }

  #migrate(key: string, from: ClusterNode, to: ClusterNode): void {
    const { hostname, port } = new URL(to.url);
    this.#client.execute(from.url, ["MIGRATE", hostname, port, key, "0", "5000"]);
  }

  #ownerOf(target: Target): ClusterNode {
    return (target === "cfg" ? undefined : this.#owners.get(target)) ?? this.#nodes[0];
  }

  #mustBe(server: number): void {
    if (server !== this.#server) throw new NotDrivable(`server ${server} beside slot_migration`);
  }
}
