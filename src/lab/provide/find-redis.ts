/** Where redis-server comes from. */

import { aptProvider } from "./apt.ts";
import { redisServer, type ServerBinary } from "./binary.ts";
import { buildProvider, redisSource } from "./build.ts";
import { type FindOptions, findOrProvide } from "./find.ts";

const redisProviders = [aptProvider, buildProvider(redisSource)];

/** @throws LabError when there is none and none can be provided: it lists what was tried */
export async function findRedisServer(options: FindOptions): Promise<ServerBinary> {
  return await findOrProvide(redisServer, options, redisProviders);
}
