/** Mutants of the chunks in which a heartbeat names many jobs. `conform` must find every one. */
import type { ScriptMutant } from "./script-mutant.ts";

const inHeartbeat = (fields: Omit<ScriptMutant, "file">): ScriptMutant => ({
  file: "include/heartbeat.lua",
  ...fields,
});

export const heartbeatChunkMutants: readonly ScriptMutant[] = [
  inHeartbeat({
    id: "chunks-not-distinguished",
    why: "a heartbeat is known by its number alone: a further chunk counts as a repetition, and its jobs lapse",
    find: "if seq == last_seq and chunk == last_chunk then",
    replace: "if seq == last_seq then",
    property: "N1",
  }),
  inHeartbeat({
    id: "earlier-chunk-accepted",
    why: "a chunk that was overtaken by a later one of its heartbeat is taken",
    find: "if seq < last_seq or (seq == last_seq and chunk < last_chunk) then",
    replace: "if seq < last_seq then",
    property: "N1",
  }),
  inHeartbeat({
    id: "further-chunk-not-remembered",
    why: "the number of a further chunk is not stored: its repetition is taken once more",
    find: "  redis.call('HSET', KEYS[5], 'heartbeat_chunk', whole_number(chunk))\n",
    replace: "",
    property: "K7",
  }),
  inHeartbeat({
    id: "every-chunk-renews-the-node",
    why: "each chunk of a heartbeat renews the node, as if it were a heartbeat of its own",
    find: "local is_further = seq == last_seq and chunk > last_chunk",
    replace: "local is_further = false",
    property: "K7",
  }),
  inHeartbeat({
    id: "first-chunk-required",
    why: "a chunk without the first one of its heartbeat does not keep the node online",
    find: "local is_further = seq == last_seq and chunk > last_chunk",
    replace: "local is_further = chunk > 0",
    property: "K7",
  }),
];
