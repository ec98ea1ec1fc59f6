/** The lanes of a history: clients by the instance that they ask, as many for one instance as have calls open at a time. */
import type { Call, Millis } from "../../check/history.ts";
import type { Lane } from "../timeline.ts";

/** More calls at a time share the last lane. */
const mostClients = 4;

export class HistoryLanes {
  /** By instance: until when each of its clients is busy. */
  readonly #busy = new Map<number, Millis[]>();
  readonly #used = new Map<string, Lane>();

  /** Calls have to come in the order in which they began. */
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

  /** Clients beside their instances, then what lies between them and the store. */
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
