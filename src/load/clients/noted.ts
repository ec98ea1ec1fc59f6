/** What an instance says of itself that is worth a line in a history; the rest comes by the thousand and shows in the calls. */
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
