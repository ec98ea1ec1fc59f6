/** Each instance's two ways to Redis, each through a proxy of its own: commands and feed. Commands pass a hop where replies are to be lost. */
import type { ToxicProxy } from "../lab/proxy.ts";
import type { RedisServer } from "../lab/redis.ts";
import type { ToxiproxyServer } from "../lab/toxiproxy.ts";
import { Hop } from "./hop.ts";

export type LinkName = "commands" | "feed";

export interface InstanceLinks {
  readonly commands: ToxicProxy;
  readonly feed: ToxicProxy;
  readonly hop: Hop | null;
}

export async function openLinks(
  instances: number,
  redis: RedisServer,
  toxiproxy: ToxiproxyServer,
  withHops: boolean,
): Promise<readonly InstanceLinks[]> {
  const direct = `127.0.0.1:${redis.port}`;
  const links: InstanceLinks[] = [];
  for (let instance = 0; instance < instances; instance += 1) {
    const hop = withHops ? await Hop.open(redis.port) : null;
    const proxyTo = (link: LinkName, upstream: string) =>
      toxiproxy.createProxy({ name: `i${instance}.redis.${link}`, upstream });
    const commands = await proxyTo("commands", hop?.address ?? direct);
    links.push({ commands, feed: await proxyTo("feed", direct), hop });
  }
  return links;
}
