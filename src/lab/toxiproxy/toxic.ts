/**
 * The effects of Toxiproxy on the bytes of a connection.
 *
 * A partition comes in two kinds: `timeout` 0 loses what is in flight (upstream the request, downstream the reply) and closes the connection
 * when it is removed; `bandwidth` 0 holds it and delivers it on removal.
 */

type ToxicEffect =
  | { readonly type: "latency"; readonly attributes: { readonly latency: number; readonly jitter: number } } // ms
  | { readonly type: "bandwidth"; readonly attributes: { readonly rate: number } } // KB/s
  | { readonly type: "slow_close"; readonly attributes: { readonly delay: number } } // ms
  | { readonly type: "timeout"; readonly attributes: { readonly timeout: number } } // ms; 0: for ever
  | { readonly type: "reset_peer"; readonly attributes: { readonly timeout: number } } // ms
  | {
      readonly type: "slicer";
      readonly attributes: {
        readonly average_size: number; // bytes
        readonly size_variation: number; // bytes
        readonly delay: number; // microseconds
      };
    }
  | { readonly type: "limit_data"; readonly attributes: { readonly bytes: number } };

export type Toxic = ToxicEffect & {
  /** Unique in its proxy. */
  readonly name: string;
  /** `upstream`: what the client sends; `downstream`: what it gets. */
  readonly stream: "upstream" | "downstream";
  /** 0..1, the share of connections that it affects, drawn once per connection; absent: 1. */
  readonly toxicity?: number;
};

/** One call to the API, for a history: the change took effect at a moment between its two times. */
export interface ApiCall {
  /** Milliseconds of `performance.now()`. */
  readonly at: number;
  readonly until: number;
  readonly method:
    | "create_proxy"
    | "remove_proxy"
    | "add_toxic"
    | "update_toxic"
    | "remove_toxic"
    | "set_enabled"
    | "set_upstream"
    | "reset";
  /** Absent where the call concerns all of them. */
  readonly proxy?: string;
  readonly detail: Readonly<Record<string, unknown>>;
  readonly outcome: "done" | "failed";
}
