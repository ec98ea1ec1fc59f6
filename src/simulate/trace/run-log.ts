/** A summary of a run for people: faults, changes of servers and instances, and what the instances report; without the thousands of calls. */
import { versionText } from "../../check/history.ts";
import type { SchedulerEvent } from "../../scheduler/events.ts";
import type { Listener } from "./bus.ts";
import type { SimEvent } from "./events.ts";

/** Lines beyond this many are counted, not kept. */
const mostLines = 2_000;

export class RunLog implements Listener {
  readonly hears = ["phase", "fault", "instance", "server", "link", "withheld", "scheduler"] as const;
  readonly #lines: string[] = [];
  #omitted = 0;

  on(event: SimEvent): void {
    const line = textOf(event);
    if (line === null) return;
    if (this.#lines.length < mostLines) this.#lines.push(`${timeOf(event.at)}  ${line}`);
    else this.#omitted += 1;
  }

  get lines(): readonly string[] {
    return this.#omitted === 0 ? this.#lines : [...this.#lines, `… ${this.#omitted} lines more in the trace`];
  }
}

/** Seconds since the start of the load. */
function timeOf(at: number): string {
  return `${(at / 1_000).toFixed(5).padStart(10)} s`;
}

function textOf(event: SimEvent): string | null {
  switch (event.kind) {
    case "phase":
      return `-- ${phases[event.name]}`;
    case "fault": {
      const whom = event.instance === null ? "all" : `instance ${event.instance}`;
      return `** ${event.name} ${event.step === "inject" ? "begins" : "ends"}   ${whom}, ${event.link}`;
    }
    case "instance":
      return `instance ${event.instance}   ${event.state}`;
    case "server":
      return `server ${event.server}   ${event.what}, data ${event.data}`;
    case "link":
      return `instance ${event.instance}   ${event.link} connection ${event.state}${event.reason === "" ? "" : `: ${event.reason}`}`;
    case "withheld":
      return `instance ${event.instance}   reply "${event.reply}" of ${event.script} ${event.node} ${event.job} withheld (request ${event.request})`;
    case "scheduler": {
      const said = schedulerEventText(event.what);
      return said === null ? null : `instance ${event.instance}   ${said}`;
    }
    default:
      return null;
  }
}

const phases = {
  load: "the load begins",
  healed: "the load has ended, and everything has healed",
  quiet: "no call is in flight any more; from here on views have to converge",
  end: "the end",
} as const;

/** null: the event is left out. */
export function schedulerEventText(what: SchedulerEvent): string | null {
  switch (what.kind) {
    case "ready":
      return "ready";
    case "mode_changed":
      return `${what.from} -> ${what.to} (${what.cause})`;
    case "gap_found":
      return `partition ${what.partition}: changes ${what.after + 1}..${what.to} missed, found by ${what.by}`;
    case "resync_started":
      return `partition ${what.partition}: loads anew (${what.reason})`;
    case "resynced":
      return `partition ${what.partition}: loaded, ${what.nodes} nodes at ${versionText(what.version)}`;
    case "epoch_adopted":
      return `partition ${what.partition}: epoch ${what.epoch} adopted at ${what.sequence}`;
    case "contradiction":
      return `partition ${what.partition}: node ${what.node} contradicts the store`;
    case "store_behind":
      return `partition ${what.partition}: the store is at ${what.reported.sequence}, behind ${what.held.sequence}`;
    case "dropped_reply":
      return `partition ${what.partition}: a reply to ${what.operation} of an abandoned epoch is dropped`;
    case "ambiguity_resolved":
      return `job ${what.job} on ${what.node}: asked again, ${what.outcome}`;
    case "jobs_orphaned":
      return what.jobs.length === 0 ? null : `node ${what.node} ${what.because}: ${what.jobs.join(", ")} orphaned`;
    case "swept":
      return [
        `partition ${what.partition}: swept ${[...what.expired, ...what.removed, ...what.lapsed].join(", ")}`,
        ...what.failed.map(({ message, node }) => `but not ${node}: ${message}`),
      ].join(", ");
    case "fault":
      return `STOPPED ITSELF in ${what.task}: ${String(what.error)}`;
    default:
      return null;
  }
}
