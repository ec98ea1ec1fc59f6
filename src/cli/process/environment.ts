/** The environment in a report: enough to compare runs, without paths of the machine. */
import { availableParallelism } from "node:os";
import { basename } from "node:path";
import type { Environment } from "../../report/schema.ts";
import type { Finding } from "../../verify/layers.ts";

const tools: readonly string[] = ["redis-server", "toxiproxy-server"];

export function describeEnvironment(findings: readonly Finding[]): Environment {
  return {
    node: process.versions.node,
    platform: process.platform,
    arch: process.arch,
    cores: availableParallelism(),
    tools: findings
      .filter((finding) => tools.includes(finding.name) && finding.status === "found")
      .map(({ name, version, how, where }) => ({
        name,
        version,
        how: how ?? "unknown",
        file: where === null ? null : basename(where),
      })),
  };
}
