/** How the calls are found that a fault counts: by what they carry of the requests in flight, or by the script that they run. */
import { contracts, type ScriptName } from "../../../redis/scripts/contract.ts";
import { type GroupedCall, groupedCalls } from "../../../redis/scripts/group.ts";
import { loadScripts, type Script } from "../../../redis/scripts/scripts.ts";
import type { InFlight } from "../../instances/in-flight.ts";
import type { Call } from "../../network/calls.ts";
import { requestOf } from "./made-for.ts";

/** The node and, where there is one, the job that a call is about. */
export interface CallSubject {
  readonly node: string;
  readonly job: string;
  /** Its place among the calls of a group; 0: it was made alone. */
  readonly place: number;
}

/** @returns null: the fault does not count the call */
export type Choice = (call: Call) => CallSubject | null;

/**
 * @param script also a name of the operation
 * @param inFlight undefined: the harness does not know what its instance is asked for. A hosted one chooses nodes itself, and makes calls for no request
 */
export function choiceOf(script: ScriptName, inFlight: InFlight | undefined): Choice {
  const { scripts } = loadScripts();
  // The question by which an instance follows a partition is made for no request.
  if (inFlight === undefined || script === "changes_since") return byScript(scripts[script], scripts.group);
  return (call) => {
    for (const [place, { args }] of groupIn(call, scripts.group).entries()) {
      const request = requestOf({ commands: [args], requests: [] }, inFlight);
      if (request?.op === script) return { ...request, place };
    }
    const request = requestOf(call, inFlight);
    return request?.op === script ? { ...request, place: 0 } : null;
  };
}

function byScript(script: Script, group: Script): Choice {
  return (call) => {
    const found = call.commands.find((command) => isCallOf(script, command));
    if (found !== undefined) return subjectOf(argsOf(found).slice(3), 0);
    const calls = groupIn(call, group);
    const place = calls.findIndex((each) => each.script === script.name);
    return place < 0 ? null : subjectOf(calls[place]?.args ?? [], place);
  };
}

function groupIn({ commands }: Call, group: Script): readonly GroupedCall[] {
  const found = commands.find((command) => isCallOf(group, command));
  return found === undefined ? [] : groupedCalls(argsOf(found));
}

/** Scripts are called by their SHA-1, or with their source where the server did not know them yet. */
function isCallOf({ sha, source }: Script, [command, body]: readonly string[]): boolean {
  const name = command?.toLowerCase();
  return (name === "evalsha" && body === sha) || (name === "eval" && body === source);
}

function argsOf(request: readonly string[]): readonly string[] {
  return request.slice(3 + Number(request[2]));
}

/** @param args those after the three that all scripts have */
function subjectOf(args: readonly string[], place: number): CallSubject {
  return { node: args[0] ?? "", job: args[1] ?? "", place };
}

/** The word of the answer to the chosen call. A group's answer contains those of all its calls, one after the other. */
export function answerTo({ place }: CallSubject, words: readonly string[]): string {
  if (words[0] !== "grouped") return words[0] ?? "";
  const answers = words.filter(
    (word, at) => at > 1 && (isRefusal(word) || (isAnswer(word) && isVersion(words[at + 1]))),
  );
  return answers[place] ?? "";
}

const answerWords: ReadonlySet<string> = new Set(Object.values(contracts).flatMap(({ replies }) => replies));

function isAnswer(word: string): boolean {
  return answerWords.has(word);
}

function isVersion(word: string | undefined): boolean {
  return word !== undefined && /^[0-9a-f]{16}:\d+$/.test(word);
}

function isRefusal(word: string): boolean {
  return /^(LPARG|WRONGTYPE|OOM|NOPERM|READONLY|ERR) /.test(word);
}
