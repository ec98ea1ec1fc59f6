/** Calls a scheduler in a process of its own over the line protocol, with the interface that clients use. */
import type {
  DispatchOptions,
  NodeAnswer,
  Placed,
  Registered,
  ReserveOptions,
  Target,
  Written,
} from "../../load/clients/target.ts";
import type { ConfigContent } from "../../protocol/configuration.ts";
import type { Metrics } from "../../protocol/node.ts";
import type { Failure } from "../../protocol/replies.ts";
import type { Millis } from "../../protocol/time.ts";
import type { Version } from "../../protocol/version.ts";
import { metricNames } from "../../scheduler/ports.ts";
import type { SutAnswer, SutClient } from "../../sut/client.ts";
import type { Ask, Op } from "../../sut/protocol.ts";
import { InFlight } from "./in-flight.ts";

/** Longer than any pause of a scenario: a call that has no answer by then never gets one. */
const callTimeout: Millis = 10_000;
/** How many nodes a dispatch asks for, as the reference scheduler's own does. */
const candidates = 5;

type Failed = Extract<SutAnswer<Op>, { kind: "failed" }>;

/** The cause of a failure by the protocol's error code. */
const causes: Readonly<Record<Failed["code"], Failure["cause"]>> = {
  invalid: "invalid",
  unsupported: "invalid",
  not_ready: "closed",
  deadline: "deadline",
  disconnected: "disconnected",
  overloaded: "overloaded",
  readonly: "readonly",
  loading: "loading",
  busy: "busy",
  out_of_memory: "out_of_memory",
  denied: "denied",
  wrong_type: "wrong_type",
  moved: "moved",
  layout_mismatch: "layout_mismatch",
  protocol: "protocol",
  aborted: "aborted",
  closed: "closed",
  unknown_node: "invalid",
  internal: "protocol",
  gone: "disconnected",
  unknown_code: "protocol",
};

export class ProcessTarget implements Target {
  readonly inFlight = new InFlight();
  readonly #client: () => SutClient;
  /** The node on which a job may hold a place after a reservation of unknown outcome: tried first when the job is dispatched again. */
  readonly #mayBeOn = new Map<string, string>();
  #config: { readonly version: Version } | null = null;

  /** @param client returns the client of the current process */
  constructor(client: () => SutClient) {
    this.#client = client;
  }

  async registerNode(request: Parameters<Target["registerNode"]>[0]): Promise<Registered | Failure> {
    const { languages, pools, services, ...rest } = request;
    const lists = { languages: [...languages], pools: [...pools], services: [...services] };
    const answer = await this.#ask({ op: "register_node", ...rest, ...lists });
    if (answer.kind === "failed") return failureOf(answer);
    const { incarnation, outcome, version } = answer.reply;
    return { kind: outcome, incarnation, version };
  }

  async heartbeat({ metrics, running, ...request }: Parameters<Target["heartbeat"]>[0]): Promise<Written | Failure> {
    const known = Object.fromEntries(metricNames.map((name) => [name, metrics[name] ?? null])) as Metrics;
    const answer = await this.#ask({ op: "heartbeat", ...request, metrics: known, running: [...running] });
    // A system that answers no outcomes reports an unknown node as an error of that name.
    if (answer.kind === "failed" && answer.code === "unknown_node") return { kind: "unknown_node" };
    return writtenOf(answer);
  }

  async offlineNode(node: string, incarnation?: string): Promise<Written | Failure> {
    return writtenOf(await this.#ask({ op: "offline_node", node, incarnation }));
  }

  /** The protocol has no way to give a call up: only one that was aborted before is not made. */
  async reserveJob(node: string, job: string, { lease, signal }: ReserveOptions = {}): Promise<Written | Failure> {
    signal?.throwIfAborted();
    return writtenOf(await this.#ask({ op: "reserve_job", node, job, lease_ms: lease }));
  }

  async completeJob(node: string, job: string): Promise<Written | Failure> {
    return writtenOf(await this.#ask({ op: "complete_job", node, job }));
  }

  async releaseJob(node: string, job: string): Promise<Written | Failure> {
    return writtenOf(await this.#ask({ op: "release_job", node, job }));
  }

  async getNode(node: string): Promise<NodeAnswer> {
    const answer = await this.#ask({ op: "get_node", node });
    if (answer.kind === "failed") throw noAnswer(answer);
    const { age_ms, content, found, mode, source, stale } = answer.reply;
    return {
      ...{ found, source, stale, age_ms: age_ms ?? Number.POSITIVE_INFINITY },
      // A reply without a mode is not assumed to come from a healthy instance.
      mode: mode ?? "l2_only",
      ...(content && { node: content }),
    };
  }

  async selectNodes(wanted: Parameters<Target["selectNodes"]>[0]) {
    const answer = await this.#ask({ op: "select_nodes", ...wanted, services: [...wanted.services] });
    if (answer.kind === "failed") throw noAnswer(answer);
    const { contents = [], mode } = answer.reply;
    return { nodes: contents, mode };
  }

  /** Selects, then reserves, and tries the next node where one is full or gone: all that a client can do with the protocol's operations. */
  async dispatch(
    { job, key = job, ...wanted }: Parameters<Target["dispatch"]>[0],
    { attempts = candidates, lease, signal }: DispatchOptions = {},
  ): Promise<Placed> {
    signal?.throwIfAborted();
    const before = this.#mayBeOn.get(job);
    const asked = await this.#ask({
      op: "select_nodes",
      ...wanted,
      key,
      services: [...wanted.services],
      count: attempts,
    });
    if (asked.kind === "failed")
      return { ...failureOf(asked), applied: before === undefined ? "no" : "unknown", node: "" };
    const nodes = before === undefined ? asked.reply.nodes : [before];
    for (const node of nodes) {
      const reserved = await this.#ask({ op: "reserve_job", node, job, lease_ms: lease });
      if (reserved.kind === "failed") {
        if (!reserved.definite) this.#mayBeOn.set(job, node);
        return { ...failureOf(reserved), applied: this.#mayBeOn.has(job) ? "unknown" : "no", node };
      }
      this.#mayBeOn.delete(job);
      const { outcome, version } = reserved.reply;
      if (outcome === "finished" || outcome === "finished_unknown") return { kind: outcome, node };
      if (outcome === "full" || outcome === "not_online") continue;
      return { kind: "dispatched", node, outcome, version };
    }
    return { kind: "no_node" };
  }

  /** As this client's last `putConfig` was answered. */
  config(): { readonly version: Version } | null {
    return this.#config;
  }

  async putConfig({ pools, ...rest }: ConfigContent, expected: Version | null): Promise<Written | Failure> {
    const copies = pools.map(({ language_pairs, required_services, ...pool }) => {
      return { ...pool, language_pairs: [...language_pairs], required_services: [...required_services] };
    });
    const answer = await this.#ask({ op: "put_config", config: { ...rest, pools: copies }, expected });
    if (answer.kind === "failed") return failureOf(answer);
    const { outcome, version } = answer.reply;
    this.#config = version === null ? null : { version };
    return { kind: outcome, version: version ?? undefined };
  }

  async #ask<Asked extends Ask>(ask: Asked): Promise<SutAnswer<Asked["op"]>> {
    const answered = this.inFlight.add(ask);
    try {
      return await this.#client().call(ask, callTimeout);
    } finally {
      answered();
    }
  }
}

function writtenOf(
  answer: SutAnswer<"heartbeat" | "offline_node" | "reserve_job" | "complete_job" | "release_job">,
): Written | Failure {
  if (answer.kind === "failed") return failureOf(answer);
  const { outcome, version } = answer.reply;
  return { kind: outcome, version };
}

function failureOf({ after, code, definite, message }: Failed): Failure {
  return { kind: "failed", applied: definite ? "no" : "unknown", cause: causes[code], after, message };
}

/** A read without an answer: the call has to be recorded as failed, which violates D1. */
function noAnswer({ code, message }: Failed): Error {
  return new Error(`${code}: ${message}`);
}
