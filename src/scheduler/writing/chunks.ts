/** A heartbeat that names more jobs than one call of the store takes: chunks of its list under one number, one after another, and one answer. */
import type { Answer, HeartbeatReply } from "../../protocol/replies.ts";
import { isFailure } from "../ports.ts";

/** docs/protocol.md, `heartbeat`. */
const mostNamed = 500;

/** Replies after which no other chunk can be taken. */
const isOver: ReadonlySet<string> = new Set<HeartbeatReply["kind"]>(["superseded", "unknown_node", "not_online"]);

/** Calls `send` with each chunk until one fails or ends it. The answer is `renewed` only where every chunk was renewed. */
export async function inChunks(
  running: readonly string[],
  send: (running: readonly string[], chunk: number) => Promise<Answer<HeartbeatReply>>,
): Promise<Answer<HeartbeatReply>> {
  const replies: HeartbeatReply[] = [];
  for (let chunk = 0; chunk === 0 || chunk * mostNamed < running.length; chunk += 1) {
    const answer = await send(running.slice(chunk * mostNamed, (chunk + 1) * mostNamed), chunk);
    if (isFailure(answer)) return replies.length === 0 ? answer : { ...answer, applied: "unknown" };
    replies.push(answer);
    if (isOver.has(answer.kind)) return answer;
  }
  return joined(replies);
}

/** At the version of the last chunk. Where only some chunks were taken, the store had others, or a later heartbeat, before. */
function joined(replies: readonly HeartbeatReply[]): HeartbeatReply {
  const { version } = replies.at(-1) as HeartbeatReply;
  const unknown_jobs: string[] = [];
  for (const reply of replies) if (reply.kind === "renewed") unknown_jobs.push(...reply.unknown_jobs);
  const areAll = (kind: HeartbeatReply["kind"]): boolean => replies.every((reply) => reply.kind === kind);
  if (areAll("renewed")) return { kind: "renewed", version, unknown_jobs };
  return { kind: areAll("stale") ? "stale" : "already", version };
}
