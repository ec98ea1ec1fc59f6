/** The metrics of a watch, and the server that Prometheus reads them from: on loopback only. */
import { createServer, type Server } from "node:http";
import { Counter, Gauge, Registry } from "prom-client";
import { BrokenRunError, messageOf } from "../evidence/failure.ts";
import { type Sums, watchedProperties } from "./audit/sums.ts";
import type { WatchLoop } from "./watch-loop.ts";

const loopback = "127.0.0.1";
const prefix = "lockproof_watch_";

/** Read when the metrics are. */
export interface Watched {
  readonly sums: Sums;
  readonly loop: Pick<WatchLoop, "audits" | "absences" | "isAway">;
}

type Read = (watched: Watched) => number;

const counters: Readonly<Record<string, readonly [help: string, read: Read]>> = {
  changes_total: ["Changes read from the feeds", ({ sums }) => sums.changes],
  changes_missed_total: ["Changes that a feed had lost before they were read", ({ sums }) => sums.unseen.changes],
  looks_total: ["Nodes looked at", ({ sums }) => sums.looks],
  epoch_ends_unseen_total: ["Epochs whose end was not seen", ({ sums }) => sums.unseen.ends],
  absences_total: ["Times that Redis did not answer", ({ loop }) => loop.absences],
};

const gauges: Readonly<Record<string, readonly [help: string, read: Read]>> = {
  connected: ["1 while Redis answers, else 0", ({ loop }) => (loop.isAway ? 0 : 1)],
  nodes: ["Nodes that are known", ({ loop }) => summed(loop.audits.map(({ nodes }) => nodes))],
  behind: [
    "Changes that are not read yet, as of the last read",
    ({ loop }) => summed(loop.audits.map(({ behind }) => behind)),
  ],
};

/** The help of each metric, by its name. */
export const watchMetrics: readonly (readonly [name: string, help: string])[] = [
  ...[...Object.entries(counters), ...Object.entries(gauges)].map(([name, [help]]) => [name, help] as const),
  ["violations_total", "Violations by property"] as const,
].map(([name, help]) => [`${prefix}${name}`, help]);

export function createRegistry(watched: Watched): Registry {
  const registry = new Registry();
  const registers = [registry];
  for (const [name, [help, read]] of Object.entries(counters)) {
    new Counter({ name: `${prefix}${name}`, help, registers, collect: counted(() => [[{}, read(watched)]]) });
  }
  for (const [name, [help, read]] of Object.entries(gauges)) {
    new Gauge({
      ...{ name: `${prefix}${name}`, help, registers },
      collect() {
        this.set(read(watched));
      },
    });
  }
  const violations = watchedProperties.map((property) => ({ property }));
  new Counter({
    ...{ name: `${prefix}violations_total`, help: "Violations by property", labelNames: ["property"], registers },
    collect: counted(() => violations.map((labels) => [labels, watched.sums.violations(labels.property)])),
  });
  return registry;
}

type Series = readonly (readonly [labels: Readonly<Record<string, string>>, value: number])[];

/** A counter that is counted elsewhere. */
function counted(read: () => Series): (this: Counter) => void {
  return function collect() {
    this.reset();
    for (const [labels, value] of read()) this.inc(labels, value);
  };
}

function summed(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}

export interface MetricsServer extends Disposable {
  readonly url: string;
}

/** @param port 0: any that is free @throws BrokenRunError where it cannot listen there */
export async function serveMetrics(registry: Registry, port: number): Promise<MetricsServer> {
  const server = createServer((request, response) => {
    if (request.url !== "/metrics") {
      response.writeHead(404).end();
      return;
    }
    registry.metrics().then(
      (text) => response.writeHead(200, { "content-type": registry.contentType }).end(text),
      () => response.writeHead(500).end(),
    );
  });
  await listening(server, port);
  const address = server.address();
  const bound = typeof address === "object" && address !== null ? address.port : port;
  return {
    url: `http://${loopback}:${bound}/metrics`,
    [Symbol.dispose]() {
      server.close();
      server.closeAllConnections();
    },
  };
}

function listening(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", (error) => {
      reject(
        new BrokenRunError(
          `the metrics cannot be served: ${messageOf(error)}`,
          { where: `--metrics-port ${port}`, fix: "name a port that is free, or 0 for any" },
          error,
        ),
      );
    });
    server.listen(port, loopback, resolve);
  });
}
