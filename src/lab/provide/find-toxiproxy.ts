/** Where toxiproxy-server comes from. */

import { type ServerBinary, toxiproxyServer } from "./binary.ts";
import { type FindOptions, findOrProvide } from "./find.ts";
import { goProvider, toxiproxy } from "./go.ts";
import { releaseProvider, toxiproxyRelease } from "./release.ts";

const toxiproxyProviders = [goProvider(toxiproxy), releaseProvider(toxiproxyRelease)];

/** @throws LabError when there is none and none can be provided: it lists what was tried */
export async function findToxiproxyServer(options: FindOptions): Promise<ServerBinary> {
  return await findOrProvide(toxiproxyServer, options, toxiproxyProviders);
}
