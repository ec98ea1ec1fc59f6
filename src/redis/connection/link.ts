/** The connection for calls, and what prevents them: that it is down, or that the server cannot be used as declared. */
import { Cluster } from "ioredis";
import type { Failure } from "../../protocol/replies.ts";
import { within } from "../deadline.ts";
import { AccessError, type Refusal } from "../errors.ts";
import { isDenied, isNoCluster } from "../failure.ts";
import { type Client, type ConnectionTuning, createClient } from "./connection.ts";
import { examine, notACluster, notLetIn } from "./examine.ts";
import { Renewal } from "./renewal.ts";
import type { Address, Topology } from "./topology.ts";

export interface LinkOptions {
  readonly topology: Topology;
  readonly tuning: ConnectionTuning;
  readonly prefix: string;
  /** Called each time that the server is found to be unusable as declared. */
  readonly onRefused?: ((refusal: Refusal) => void) | undefined;
  /** Whether the data are laid out as ours: asked once nothing else stands in the way, since asking a new store lays it out. */
  readonly checkLayout: () => Promise<Obstacle | null>;
}

export interface Obstacle {
  readonly cause: Failure["cause"];
  readonly message: string;
}

export interface Link {
  readonly client: Client;
  /** Why a call should not be sent now; null: send it. */
  obstacle(): Obstacle | null;
  /** Resolves when it stands and has been examined, or when the first attempt has failed; never rejects. */
  connect(): Promise<void>;
  close(): void;
  /** @param listener called when the connection is made anew, since another server is the primary now */
  onRenewed(listener: () => void): void;
  /** Connections that stand: 0 or 1, in a Cluster one for each node in use. */
  standing(): number;
  /** The nodes that a Cluster is known to have now. */
  nodes(): readonly Address[];
}

/** A connection takes calls once it has been examined: a call that came first could write where it must not. */
const examining: Obstacle = { cause: "disconnected", message: "the connection is being examined" };

export function openLink(options: LinkOptions): Link {
  const { onRefused, topology, tuning } = options;
  const { client, onRenewed, renewal } = renewedClient(topology, tuning);
  /** It does not let us in; it lets us in, and cannot be used all the same. */
  let shut: Refusal | null = null;
  let unfit: Obstacle | null = examining;
  let trouble = "";
  let examined: Promise<void> = Promise.resolve();
  let latest: Promise<Obstacle | null> | null = null;

  const note = (error: unknown): void => {
    if (error instanceof Error) trouble = `: ${error.message}`;
    const found = whatKeepsUsOut(error, topology);
    if (found === null) return;
    shut = found;
    onRefused?.(found);
  };
  client.on("error", note);
  client.on("node error", note);
  client.on("ready", () => {
    trouble = "";
    shut = null;
    unfit = examining;
    const found = lookAt(client, options);
    examined = found.then((obstacle) => {
      if (found === latest) unfit = obstacle;
    });
    latest = found;
  });

  return {
    client,
    obstacle() {
      if (shut !== null) return inTheWay(shut);
      if (client.status !== "ready")
        return { cause: "disconnected", message: `the connection is ${client.status}${trouble}` };
      return unfit;
    },
    async connect() {
      try {
        await within(client.connect(), 2 * tuning.silence);
        await within(examined, 2 * tuning.silence);
      } catch {
        // the client reconnects by itself
      }
    },
    close() {
      renewal.close();
      client.disconnect();
    },
    onRenewed,
    standing() {
      if (!(client instanceof Cluster)) return client.status === "ready" ? 1 : 0;
      return client.nodes("all").filter(({ status }) => status === "ready").length;
    },
    nodes: () => nodesOf(client),
  };
}

function nodesOf(client: Client): readonly Address[] {
  if (!(client instanceof Cluster)) return [];
  return client.nodes("all").map(({ options: { host, port } }) => ({ host: host ?? "127.0.0.1", port: port ?? 6_379 }));
}

/** A client that leaves a server which takes no writes any more. */
function renewedClient(topology: Topology, tuning: ConnectionTuning) {
  const listeners = new Set<() => void>();
  const announce = (): void => {
    for (const listener of listeners) listener();
  };
  const renew = (): void => {
    // One that is being made is on its way to the new primary, and to end its attempt would end the client.
    if (client.status === "ready") client.disconnect(true);
    announce();
  };
  const renewal = new Renewal({ topology, tuning, renew });
  const client = createClient(topology, tuning, (error) => {
    const isRenewed = renewal.met(error);
    if (isRenewed) announce();
    return isRenewed;
  });
  const onRenewed = (listener: () => void): void => {
    listeners.add(listener);
  };
  return { client, onRenewed, renewal };
}

/** @returns null too where the connection broke, or the server is not ready to answer: the calls will report why */
async function lookAt(client: Client, options: LinkOptions): Promise<Obstacle | null> {
  const { checkLayout, onRefused, prefix, topology } = options;
  try {
    const refusal = await examine(client, topology, prefix);
    if (refusal === null) return await checkLayout();
    onRefused?.(refusal);
    return inTheWay(refusal);
  } catch {
    return null;
  }
}

function whatKeepsUsOut(error: unknown, { kind }: Topology): Refusal | null {
  if (isDenied(error)) return notLetIn(error);
  return kind === "cluster" && isNoCluster(error) ? notACluster() : null;
}

function inTheWay(refusal: Refusal): Obstacle {
  return { cause: refusal instanceof AccessError ? "denied" : "moved", message: refusal.message };
}
