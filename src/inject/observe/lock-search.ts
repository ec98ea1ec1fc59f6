/** The static part of K4: searches scripts and code for locks. In a checkout only: the published package has no sources. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { LockSearch } from "../../check/history.ts";

/** null where there are no sources. */
export async function searchForLocks(): Promise<LockSearch | null> {
  const root = fileURLToPath(new URL("../../..", import.meta.url));
  if (!existsSync(join(root, "src/scheduler/selection/select.ts"))) return null;
  const { lockEvidence, lockFreeFolders } = await import("../../check/locks/lock-free.ts");
  const paths = lockFreeFolders.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
      .filter((file) => /\.(ts|lua)$/u.test(file))
      .map((file) => `${folder}/${file.replaceAll("\\", "/")}`),
  );
  const sources = paths.map((path) => ({ path, text: readFileSync(join(root, path), "utf8") }));
  const { found, searched } = lockEvidence(sources);
  return { kind: "lock_search", files: searched.files.length, functions: searched.functions.length, found };
}
