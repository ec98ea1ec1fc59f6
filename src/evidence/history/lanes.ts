/** The lanes of a history. An instance has as many client lanes as it has concurrent calls. */
import type { Call, Millis } from "../../check/history.ts";
import type { Lane } from "../timeline.ts";

/** Further concurrent calls share the last lane. */
const mostClients = 4;

export class HistoryLanes {
  /** Until when each client of an instance is busy, by instance. */
  readonly #busy = new Map<number, Millis[]>();
  readonly #used = new Map<string, Lane>();

  /** Calls have to be passed in the order in which they began. */
  clientOf({ instance, from, to }: Call): Lane["id"] {
    const busy = this.#busy.get(instance) ?? [];
    this.#busy.set(instance, busy);
    const free = busy.findIndex((until) => until <= from);
    const place = Math.min(free < 0 ? busy.length : free, mostClients - 1);
    busy[place] = Math.max(busy[place] ?? 0, to ?? Number.POSITIVE_INFINITY);
    const name = `client ${String.fromCharCode(97 + place)} of instance ${instance}`;
    return this.#use({ id: `client ${instance} ${place}`, name, kind: "client" });
  }

  instance(instance: number): Lane["id"] {
    return this.#use({ id: `instance ${instance}`, name: `instance ${instance}`, kind: "instance" });
  }

  network(): Lane["id"] {
    return this.#use({ id: "network", name: "network", kind: "network" });
  }

  store(): Lane["id"] {
    return this.#use({ id: "store", name: "Redis", kind: "store" });
  }

  /** Instances with their clients, then the network, then the store. */
  all(): readonly Lane[] {
    const rank = ({ id, kind }: Lane): string => {
      const [, instance = ""] = id.split(" ");
      if (kind === "client") return `0 ${instance.padStart(4)} 0 ${id}`;
      return kind === "instance" ? `0 ${instance.padStart(4)} 1` : kind === "network" ? "1" : "2";
    };
    return [...this.#used.values()].sort((a, b) => (rank(a) < rank(b) ? -1 : 1));
  }

  #use(lane: Lane): Lane["id"] {
    this.#used.set(lane.id, lane);
    return lane.id;
  }
}
