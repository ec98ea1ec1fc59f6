/** Parts of S5: what a dispatch says of itself, held against what its instance has asked. */
import type { Call } from "../../check/history.ts";
import { inMs } from "../../check/judgement.ts";
import type { Findings } from "../findings.ts";
import type { Dispatch } from "./open-dispatches.ts";

/** One that found no node names those that it has asked. */
export function judgeTried(findings: Findings, call: Call, asked: ReadonlySet<string>): void {
  const { tried } = call;
  if (tried === undefined || (tried.length === asked.size && tried.every((node) => asked.has(node)))) return;
  wrong(findings, call, `says that it has tried ${listed(tried)}`, `those that it has asked: ${listed([...asked])}`);
}

/** One that was aborted before it was made is answered nothing else. */
export function judgeAnswer(findings: Findings, call: Call): void {
  const { outcome, reply } = call;
  if (outcome === "ok") wrong(findings, call, `was answered ${reply}`, "only its abort: it was aborted before");
}

/** A reserve that ended without an answer is repeated, unless that cannot be sent: then the call fails for another reason. */
export function judgeRepeat(findings: Findings, call: Call, { asks }: Pick<Dispatch, "asks">): void {
  const last = asks.at(-1);
  if (last === undefined || call.reply !== "deadline" || last.reply !== "deadline") return;
  if (asks.filter(({ node }) => node === last.node).length > 1) return;
  wrong(findings, call, `left open what became of its reserve on node ${last.node}`, "only once that was asked again");
}

function wrong(findings: Findings, { from, id, instance, job = "" }: Call, found: string, allowed: string): void {
  findings.violate(
    () => [`dispatch of job ${job} on instance ${instance} ${found}, allowed ${allowed}`, `asked at ${inMs(from)}`],
    [id],
  );
}

function listed(nodes: readonly string[]): string {
  return nodes.join(", ") || "none";
}
