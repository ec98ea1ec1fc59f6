/** The last two lines of a command that wrote a report: where it is, and what to do next. */
import { join } from "node:path";
import { visible } from "../../evidence/escape.ts";
import type { Composed } from "../../report/document/compose.ts";
import type { OpenItem, Report } from "../../report/schema.ts";

export function lastLines(composed: Composed, folder: string, reports: string): readonly string[] {
  return [`report: ${visible(join(folder, "index.html"))}`, `next:   ${nextStep(composed, folder, reports)}`];
}

function nextStep({ report }: Composed, folder: string, reports: string): string {
  const where = reports === "reports" ? "" : ` --reports ${visible(reports)}`;
  const page = `lockproof open${where}`;
  if (report.verdict === "held") return `read and sign the page: ${page}`;
  if (report.violations.length > 0) return `lockproof explain latest:1${where}`;
  if (report.verdict === "violated") return `see which figure passed its threshold: ${page}`;
  const [worst] = [...report.open].sort((one, other) => rankOf(one) - rankOf(other));
  return worst === undefined ? `read the page: ${page}` : adviceFor(worst, report, visible(folder));
}

/** By rank: what keeps everything else open comes first. */
const ranks: readonly OpenItem["cause"][] = [
  ...(["interrupted", "broken", "missing_shard", "stale", "budget", "machine_load"] as const),
  ...(["unobserved", "not_exercised", "unspecified"] as const),
];

function rankOf({ cause }: OpenItem): number {
  return ranks.indexOf(cause);
}

function adviceFor({ cause, id, kind }: OpenItem, { profile, seed }: Report, folder: string): string {
  const again = `lockproof verify${profile === "quick" ? "" : ` --profile ${visible(profile)}`} --seed ${seed}`;
  switch (cause) {
    case "interrupted":
      return `run it again to its end: ${again}`;
    case "broken":
      return "see whether the machine has what a run needs: lockproof doctor";
    case "missing_shard":
      return "merge it again with the missing shards: lockproof report DIR...";
    case "budget":
      return `give it more time: ${again} --budget 30m`;
    case "machine_load":
      return `run it again with nothing beside it: ${again}`;
    case "stale":
      return `read in ${folder} which plan is stale, and make it anew or remove it`;
    case "unobserved":
    case "not_exercised":
    case "unspecified":
      if (kind === "run") return "lockproof sut check names what can be judged of the system";
      return profile === "quick"
        ? `${visible(id)} is open: run more of it with lockproof verify --profile full`
        : `read in ${folder} why ${visible(id)} is open`;
  }
}
