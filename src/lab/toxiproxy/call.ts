/** The messages between Toxiproxy's client and the thread that makes its calls. */

export interface ToxiproxyCall {
  readonly id: number;
  readonly method: "get" | "post" | "delete";
  readonly url: string;
  readonly body?: unknown;
}

export type ToxiproxyAnswer =
  | { readonly id: number; readonly data: unknown }
  | { readonly id: number; readonly error: { readonly name: string; readonly message: string } };
