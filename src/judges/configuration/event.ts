/** Events for judges about the configuration of the pools. */
import type { Millis, Version } from "../../check/history.ts";

/** An instance says which configuration is in force there from now on. */
export interface ConfigurationTaken {
  readonly kind: "configuration_taken";
  readonly at: Millis;
  readonly instance: number;
  /** null: none. */
  readonly version: Version | null;
}

/** The store has another configuration now. */
export interface ConfigurationStored {
  readonly kind: "configuration_stored";
  readonly at: Millis;
  readonly version: Version;
}

/** The configuration as an instance has it in force, and as the store does. */
export interface ConfigurationSeen {
  readonly kind: "configuration";
  readonly at: Millis;
  readonly instance: number;
  /** null: none. What is in it besides its version is only compared. */
  readonly shown: { readonly version: Version } | null;
  readonly stored: { readonly version: Version } | null;
}
