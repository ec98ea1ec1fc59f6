/** The published release of Toxiproxy, accepted only with the pinned checksum. */

import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { reasonOf } from "../error.ts";
import { lastLine, runCommand } from "../process/command.ts";
import { checkSum, sha256Of } from "./checksum.ts";
import type { Provider } from "./find.ts";
import { toxiproxy } from "./go.ts";

export interface Release {
  readonly version: string;
  /** The archives' names are appended to it. */
  readonly url: string;
  /** SHA-256 of the archive, by `<platform>-<architecture>` as Node names them. */
  readonly archives: Readonly<Record<string, { readonly name: string; readonly sha256: string } | undefined>>;
}

const downloadTimeout = 120_000;
const unpackTimeout = 60_000;

/** The sums are those of the public package list cashapp/hermit-packages, file toxiproxy.hcl. */
export const toxiproxyRelease: Release = {
  version: toxiproxy.version,
  url: `https://github.com/Shopify/toxiproxy/releases/download/v${toxiproxy.version}/`,
  archives: {
    "linux-x64": {
      name: `toxiproxy_${toxiproxy.version}_linux_amd64.tar.gz`,
      sha256: "65e042d3fc2290c099527bc506446a6fd863a09f113b8944b636ece70221c2b3",
    },
    "linux-arm64": {
      name: `toxiproxy_${toxiproxy.version}_linux_arm64.tar.gz`,
      sha256: "ab417dafc77ae8b54ec8461cc5da5180d0465a61dcbda86c72da72ee4ab843b7",
    },
    "darwin-x64": {
      name: `toxiproxy_${toxiproxy.version}_darwin_amd64.tar.gz`,
      sha256: "52ac1f99d7204b4b523f910b791bc86318b50ef94822c79a6157606704003ced",
    },
    "darwin-arm64": {
      name: `toxiproxy_${toxiproxy.version}_darwin_arm64.tar.gz`,
      sha256: "cece3905c06ad84d6b3bb4cd024c344e6466736b2a8cbaf9ef4fe45e62aba9b2",
    },
  },
};

export function releaseProvider(release: Release): Provider {
  return {
    how: "release",
    does: `download of Toxiproxy ${release.version}`,
    async provide(folder, env, signal) {
      const machine = `${process.platform}-${process.arch}`;
      const archive = release.archives[machine];
      if (archive === undefined) throw new Error(`no release is known for ${machine}`);
      const bytes = await download(`${release.url}${archive.name}`, signal);
      checkSum(archive.name, { kind: "sha256", found: sha256Of(bytes), allowed: archive.sha256 });
      const file = join(folder, archive.name);
      await writeFile(file, bytes);
      const unpack = ["-xzf", file, "-C", folder, "toxiproxy-server"];
      const answer = await runCommand("tar", unpack, { env, timeout: unpackTimeout });
      if (answer.exitCode !== 0) throw new Error(`tar ${archive.name}: ${lastLine(answer.stderr)}`);
      return release.version;
    },
  };
}

async function download(url: string, signal: AbortSignal | undefined): Promise<Buffer> {
  try {
    const timeout = AbortSignal.timeout(downloadTimeout);
    const response = await fetch(url, { signal: signal === undefined ? timeout : AbortSignal.any([timeout, signal]) });
    if (!response.ok) throw new Error(`status ${response.status}`);
    return Buffer.from(await response.arrayBuffer());
  } catch (thrown) {
    const cause = thrown instanceof Error && thrown.cause !== undefined ? `: ${reasonOf(thrown.cause)}` : "";
    throw new Error(`${url}: ${reasonOf(thrown)}${cause}`, { cause: thrown });
  }
}
