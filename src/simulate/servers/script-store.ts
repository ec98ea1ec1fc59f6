/** The Store port as questions to a server that runs the model; how a question travels is left to the subclass. */

import type { Answer } from "../../protocol/replies.ts";
import type { Millis } from "../../protocol/time.ts";
import type { PartitionTag } from "../../protocol/version.ts";
import type { Store } from "../../scheduler/ports.ts";
import type { Asked, ConfigAsked, Question, Script } from "../trace/events.ts";
import { fromText, toModel, toModelContent } from "./protocol-values.ts";

export abstract class ScriptStore implements Store {
  registerNode: Store["registerNode"] = ({ expected, partition, max_jobs, ...request }, deadline) => {
    const replaced = expected === null ? null : fromText(expected);
    return this.#call(
      partition,
      { kind: "register_node", ...request, expected: replaced, maxJobs: max_jobs },
      deadline,
    );
  };

  heartbeat: Store["heartbeat"] = (request, deadline) => {
    const { chunk, health_milli: healthMilli, lease, metrics, node, partition, running, seq, ttl } = request;
    const incarnation = fromText(request.incarnation);
    const asked = { ...{ node, seq, chunk, ttl, lease, metrics, running, incarnation }, healthMilli };
    return this.#call(partition, { kind: "heartbeat", ...asked }, deadline);
  };

  offlineNode: Store["offlineNode"] = ({ partition, incarnation, ...request }, deadline) =>
    this.#call(partition, { kind: "offline_node", ...request, incarnation: fromText(incarnation) }, deadline);

  reserveJob: Store["reserveJob"] = ({ partition, ...request }, deadline) =>
    this.#call(partition, { kind: "reserve_job", ...request }, deadline);

  completeJob: Store["completeJob"] = ({ doneFor, doneMax, job, node, partition }, deadline) =>
    this.#call(partition, { kind: "complete_job", node, job, doneFor, doneMax }, deadline);

  releaseJob: Store["releaseJob"] = ({ job, node, partition }, deadline) =>
    this.#call(partition, { kind: "release_job", node, job }, deadline);

  sweep: Store["sweep"] = ({ partition, ...request }, deadline) =>
    this.#call(partition, { kind: "sweep", ...request }, deadline);

  changesSince: Store["changesSince"] = ({ partition, since, ...sized }, deadline) =>
    this.#call(partition, { kind: "changes_since", since: toModel(since), ...sized }, deadline);

  readOrphans: Store["readOrphans"] = ({ partition, after, limit }, deadline) =>
    this.#call(partition, { kind: "read_orphans", after, limit }, deadline);

  ackOrphans: Store["ackOrphans"] = ({ partition, losses }, deadline) => {
    const known = losses.map(({ order, version }) => ({ order, version: toModel(version) }));
    return this.#call(partition, { kind: "ack_orphans", losses: known }, deadline);
  };

  snapshot: Store["snapshot"] = ({ partition, nodes, ...asked }, deadline) =>
    this.#call(partition, { kind: "snapshot", records: nodes, ...asked }, deadline);

  putConfig: Store["putConfig"] = ({ expected, content }, deadline) =>
    this.#callConfig(
      "put_config",
      { kind: "put_config", expected: expected && toModel(expected), content: toModelContent(content) },
      deadline,
    );

  readConfig: Store["readConfig"] = (deadline) => this.#callConfig("read_config", { kind: "read_config" }, deadline);

  checkConfig: Store["checkConfig"] = (since, deadline) =>
    this.#callConfig("check_config", { kind: "changes_since", since: toModel(since), limit: 0 }, deadline);

  abstract close(): Promise<void>;

  protected abstract ask<Reply>(
    script: Script,
    question: Question,
    partition: PartitionTag,
    deadline: Millis,
  ): Promise<Answer<Reply>>;

  #call<Reply>(partition: number, asked: Asked, deadline: Millis): Promise<Answer<Reply>> {
    return this.ask(asked.kind, { kind: "nodes", partition, asked }, partition, deadline);
  }

  #callConfig<Reply>(script: Script, asked: ConfigAsked, deadline: Millis): Promise<Answer<Reply>> {
    return this.ask(script, { kind: "config", asked }, "cfg", deadline);
  }
}
