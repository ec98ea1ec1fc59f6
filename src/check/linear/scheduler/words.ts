/** A node's state and calls in words, for messages. */
import { versionText } from "../../history.ts";
import type { Operation } from "../search/operation.ts";
import type { NodeInput, NodeOutput } from "./calls.ts";
import type { NodeState } from "./state.ts";

const mostNames = 12;

export function stateText(state: NodeState, jobs: readonly string[]): string {
  const { capacity, held, incarnation, marks, others, status, version } = state;
  if (status === "open") return "not known yet";
  if (status === "none") return "not registered";
  const taken = held.map(({ job }) => job);
  const more = others > 0 ? " and perhaps others" : "";
  const finished = marks.finished();
  return [
    `${status}, incarnation ${incarnation ?? "not known"}`,
    `jobs ${namesOf(taken, jobs)}${more} of ${capacity ?? "a capacity that is not known"}`,
    ...(version === null ? [] : [`version ${versionText(version)}`]),
    ...(finished.length === 0 ? [] : [`finished ${namesOf(finished, jobs)}`]),
  ].join(", ");
}

export function callText(
  { call, id, input, output, returned }: Operation<NodeInput, NodeOutput>,
  jobs: readonly string[],
): string {
  const when = Number.isFinite(returned) ? `from ${call} to ${returned}` : `from ${call}, no answer`;
  return `#${id} ${input.op}${argumentsOf(input, jobs)}${output === null ? "" : answerText(output)}, ${when}`;
}

function argumentsOf(input: NodeInput, jobs: readonly string[]): string {
  switch (input.op) {
    case "register_node":
      return `(max_jobs ${input.capacity})`;
    case "heartbeat":
      return `(incarnation ${input.incarnation}, seq ${input.seq})`;
    case "offline_node":
      return input.incarnation === null ? "" : `(incarnation ${input.incarnation})`;
    case "get_node":
      return "";
    default:
      return `(job ${jobs[input.job] ?? ""})`;
  }
}

function answerText({ incarnation, outcome, shown, version }: NodeOutput): string {
  const named = typeof incarnation === "string" ? `, incarnation ${incarnation}` : "";
  const at = version === undefined ? "" : `, version ${versionText(version)}`;
  if (shown === undefined) return ` -> ${outcome}${named}${at}`;
  const { places, status } = shown;
  const taken = places === undefined ? "" : `, ${places.taken} jobs of ${places.capacity}`;
  return ` -> ${status ?? "found"}${taken}`;
}

function namesOf(numbers: readonly number[], jobs: readonly string[]): string {
  const names = numbers.slice(0, mostNames).map((job) => jobs[job] ?? "");
  return `{${names.join(", ")}${numbers.length > mostNames ? ` and ${numbers.length - mostNames} more` : ""}}`;
}
