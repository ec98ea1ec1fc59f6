/** The command by which a reader installs a server on this kind of system. */

import { type Environment, findOnPath } from "../process/command.ts";
import { toxiproxy } from "./go.ts";

const redisCommands: Readonly<Record<string, string>> = {
  "apt-get": "sudo apt-get install redis-server",
  brew: "brew install redis",
  apk: "sudo apk add redis",
  dnf: "sudo dnf install redis",
};

export const packageManagers: readonly string[] = Object.keys(redisCommands);

export async function installRedis(env: Environment): Promise<string> {
  for (const [manager, command] of Object.entries(redisCommands)) {
    if ((await findOnPath(manager, env)).length > 0) return command;
  }
  return "npm install redis-memory-server";
}

export async function installToxiproxy(env: Environment): Promise<string> {
  if ((await findOnPath("brew", env)).length > 0) return "brew install toxiproxy";
  const build = `GOBIN="$HOME/bin" go install ${toxiproxy.path}/cmd/server@v${toxiproxy.version}`;
  return `${build} && mv "$HOME/bin/server" "$HOME/bin/toxiproxy-server"`;
}
