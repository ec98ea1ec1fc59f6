/** Events of an instance that a history records as notes. The others come by the thousand, and their effects show in the calls. */
export const noted: ReadonlySet<string> = new Set([
  "fault",
  "epoch_left",
  "epoch_adopted",
  "gap_found",
  "resync_started",
  "resynced",
  "contradiction",
  "store_behind",
  "dropped_reply",
  "ambiguity_resolved",
  "feed_connected",
  "feed_disconnected",
]);
