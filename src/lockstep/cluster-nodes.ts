/**
 * A simulated store whose partitions move from node to node, as a real Cluster: the first node begins with all slots, and each partition that moves
 * goes to a node that no other has gone to in this run, since what moved is another server to its scripts.
 *
 * The nodes know each other by their files and have no bus: nothing is gossiped, so nobody's word comes late, and who owns a slot is what we
 * have told each of them.
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
import type { Crossing } from "./crossing.ts";
import { isErrorReply } from "./errand.ts";
import { type Fleet, isEmpty, NotDrivable } from "./fleet.ts";

const nodeCount = 4;
/** Long after any run: nobody is taken for dead for want of a bus. */
const nodeTimeout = 86_400_000;
/** A node that boots with slots lets two seconds go by before it says that all is well. */
const formDeadline = 30_000;
/** More than a partition of any scenario has. */
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
  // A node that gives away its last slot would become a replica of who gets it. Redis before 7.0 has no such setting, and does not.
  await server.ask("CONFIG", "SET", "cluster-allow-replica-migration", "no");
  const look = async (): Promise<true | undefined> =>
    (await server.ask("CLUSTER", "INFO")).includes("cluster_state:ok") ? true : undefined;
  if ((await waitFor(look, { deadline: formDeadline, interval: 20 })) === true)
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

/** As Redis writes it down. Nobody is to be found at the others' addresses: clients are led by us, and there is no bus. */
function nodesFile(own: number): string {
  const lines = Array.from({ length: nodeCount }, (_, index) => {
    const flags = index === own ? "myself,master" : "master";
    return `${idOf(index)} 127.0.0.1:1@1 ${flags} - 0 0 ${index + 1} connected${index === 0 ? " 0-16383" : ""}`;
  });
  return [...lines, `vars currentEpoch ${nodeCount} lastVoteEpoch 0`, ""].join("\n");
}

export class ClusterNodes implements Fleet {
  readonly #crossing: Crossing;
  readonly #nodes: Nodes;
  /** The one that there may be in a run, and whether it has begun. */
  #server: number | null = null;
  #hasBegun = false;
  /** Partitions that have moved, and where to. */
  readonly #owners = new Map<number, ClusterNode>();
  /** Partitions whose keys are on their way. */
  readonly #moves = new Map<number, Move>();
  /** Slots that are not as they began, in this run or the one before. */
  readonly #disturbed = new Set<string>();
  #used = 1;

  constructor(crossing: Crossing, nodes: Nodes) {
    this.#crossing = crossing;
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

  /** Asked for what is on its way as well. */
  everywhere(server: number, command: readonly string[]): readonly unknown[] {
    this.#mustBe(server);
    return this.#nodes
      .slice(0, this.#used)
      .flatMap(({ url }) => this.#crossing.tell(url, ["ASKING"], command).slice(1));
  }

  askLoading(): never {
    throw new NotDrivable("redis_loading beside slot_migration");
  }

  /** First who had it; where that one sends on, who will. */
  askMoving(server: number, partition: number, command: readonly string[]): unknown {
    this.#mustBe(server);
    const { from, to } = this.#begin(partition);
    const [said] = this.#crossing.commands(from.url, command);
    const isSentOn = isErrorReply(said) && said.error.startsWith("ASK ");
    return isSentOn ? this.#crossing.commands(to.url, ["ASKING"], command)[1] : said;
  }

  moved(server: number, partition: number): void {
    this.#mustBe(server);
    const { from, slot, to } = this.#begin(partition);
    const [keys] = this.#crossing.tell(from.url, ["CLUSTER", "GETKEYSINSLOT", slot, mostKeys]);
    for (const key of Array.isArray(keys) ? keys : []) this.#migrate(String(key), from, to);
    // The new owner first, so that at no moment nobody is.
    for (const { url } of [to, from]) this.#crossing.tell(url, ["CLUSTER", "SETSLOT", slot, "NODE", to.id]);
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

  /** For a server to come, which is refused when it begins. */
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
      this.#crossing.tell(url, ["FLUSHALL"], ["SCRIPT", "FLUSH"]);
      for (const slot of this.#disturbed) {
        this.#crossing.tell(url, ["CLUSTER", "SETSLOT", slot, "STABLE"], ["CLUSTER", "SETSLOT", slot, "NODE", home.id]);
      }
    }
    this.#disturbed.clear();
    this.#owners.clear();
    this.#moves.clear();
    this.#used = 1;
    this.#hasBegun = false;
    this.#server = null;
  }

  /** The slot is on its way, and its meta has gone first: without it no script can write on this side. */
  #begin(partition: number): Move {
    const begun = this.#moves.get(partition);
    if (begun !== undefined) return begun;
    const from = this.#ownerOf(partition);
    const to = this.#nodes[this.#used];
    if (to === undefined) throw new NotDrivable(`slot_migration more than ${nodeCount - 1} times`);
    const { meta } = keyspace(prefix, `p${partition}`);
    const slot = String(this.#crossing.tell(from.url, ["CLUSTER", "KEYSLOT", meta])[0]);
    this.#used += 1;
    this.#disturbed.add(slot);
    this.#crossing.tell(to.url, ["CLUSTER", "SETSLOT", slot, "IMPORTING", from.id]);
    this.#crossing.tell(from.url, ["CLUSTER", "SETSLOT", slot, "MIGRATING", to.id]);
    this.#migrate(meta, from, to);
    const move = { slot, from, to };
    this.#moves.set(partition, move);
    return move;
  }

  #migrate(key: string, from: ClusterNode, to: ClusterNode): void {
    const { hostname, port } = new URL(to.url);
    this.#crossing.tell(from.url, ["MIGRATE", hostname, port, key, "0", "5000"]);
  }

  #ownerOf(target: Target): ClusterNode {
    return (target === "cfg" ? undefined : this.#owners.get(target)) ?? this.#nodes[0];
  }

  #mustBe(server: number): void {
    if (server !== this.#server) throw new NotDrivable(`server ${server} beside slot_migration`);
  }
}
