/** The line protocol as JSON Schema, made of the schemas that check every line. */
import { z } from "zod";
import { errorCodes, ops, protocolVersion, replySchemaOf, requestSchema } from "./protocol.ts";

/** @returns draft 2020-12: the schemas of a request and of the reply to each operation, without the fields `id` and `ok` of every reply */
export function protocolSchema(): object {
  const replies = ops.map((op) => [op, z.toJSONSchema(replySchemaOf(op), { io: "input" })] as const);
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    title: "Lockproof line protocol",
    protocol: protocolVersion,
    error_codes: errorCodes,
    request: z.toJSONSchema(requestSchema, { io: "input" }),
    replies: Object.fromEntries(replies),
  };
}
