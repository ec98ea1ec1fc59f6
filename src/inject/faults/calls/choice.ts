/** How the calls are found that a fault counts: by what they carry of the requests in flight, or by the script that they run. */
import { loadScripts, type Script } from "../../../redis/scripts/scripts.ts";
import type { InFlight } from "../../instances/in-flight.ts";
import type { Call } from "../../network/calls.ts";
import { requestOf } from "./made-for.ts";

type ScriptName = keyof ReturnType<typeof loadScripts>["scripts"];

/** The node and, where there is one, the job that a call is about. */
export interface CallSubject {
  readonly node: string;
  readonly job: string;
}

/** @returns null: the fault does not count the call */
export type Choice = (call: Call) => CallSubject | null;

/**
 * @param script also a name of the operation
 * @param inFlight undefined: the harness does not know what its instance is asked for. A hosted one chooses nodes itself, and makes calls for no request
 */
export function choiceOf(script: ScriptName, inFlight: InFlight | undefined): Choice {
  // The question by which an instance follows a partition is made for no request.
  if (inFlight === undefined || script === "changes_since") return byScript(loadScripts().scripts[script]);
  return (call) => {
    const request = requestOf(call, inFlight);
    return request?.op === script ? request : null;
  };
}

function byScript(script: Script): Choice {
  return ({ commands }) => {
    const found = commands.find((command) => isCallOf(script, command));
    return found === undefined ? null : subjectOf(found);
  };
}

/** Scripts are called by their SHA-1, or with their source where the server did not know them yet. */
function isCallOf({ sha, source }: Script, [command, body]: readonly string[]): boolean {
  const name = command?.toLowerCase();
  return (name === "evalsha" && body === sha) || (name === "eval" && body === source);
}

/** The arguments after the three that all scripts have. */
function subjectOf(request: readonly string[]): CallSubject {
  const args = request.slice(3 + Number(request[2]) + 3);
  return { node: args[0] ?? "", job: args[1] ?? "" };
}
