/** `lockproof/scheduler/upgrade`: brings a store of an earlier layout up to date. */
import "./node-version.ts";

export * from "../redis/upgrade.ts";
