/** The system that was judged, the tools and the machine, in words: for the page and checklist.md. */
import { durationText, numberText } from "../../evidence/words.ts";
import type { Report } from "../schema.ts";
import { texts } from "../texts/dictionary.ts";
import { same, type Words } from "../texts/words.ts";
import { shardText } from "./identity.ts";

export type Fact = readonly [label: Words, value: Words, isWide?: true];

export function identityFacts(report: Report): readonly Fact[] {
  const { environment, identity } = report;
  const { commit, dirty, script_set, system_under_test: system } = identity;
  const several = environment.merged_from === undefined ? texts.notReported : texts.several;
  return [
    [texts.system, system === undefined ? several : same(`${system.name} ${system.version}`)],
    [texts.version, same(identity.version)],
    [texts.commit, commit === null ? texts.noCommit : commitWords(commit, dirty)],
    [texts.scripts, script_set === undefined || script_set === null ? several : same(script_set)],
    [texts.profile, same(report.profile)],
    [texts.seed, same(String(report.seed))],
    [texts.shard, same(shardText(identity.shard))],
    [texts.started, same(report.started_at)],
    [texts.took, same(durationText(report.duration_ms))],
    [texts.exitCode, same(String(report.exit_code))],
    [texts.node, same(`${environment.node}, ${environment.platform} ${environment.arch}`)],
    [texts.redis, toolWords(report, "redis-server")],
    [texts.toxiproxy, toolWords(report, "toxiproxy-server")],
    [
      texts.processor,
      joined([
        environment.cpu === undefined ? texts.notReported : same(environment.cpu),
        texts.cores(numberText(environment.cores)),
      ]),
    ],
    [texts.load, loadWords(report)],
    [texts.steal, percentWords(environment.load?.steal_percent)],
    [texts.evidence, same(report.evidence_sha256), true],
    [texts.checksum, same(report.checksum), true],
  ];
}

function commitWords(commit: string, dirty: boolean | null): Words {
  const mark = dirty === null ? texts.notReported : dirty ? texts.dirty : texts.clean;
  return joined([same(commit.slice(0, 12)), mark]);
}

function toolWords({ environment }: Report, name: string): Words {
  const tool = environment.tools.find((each) => each.name === name);
  return tool === undefined ? texts.notUsed : tool.version === null ? texts.notReported : same(tool.version);
}

function loadWords({ environment: { load } }: Report): Words {
  if (load === undefined) return texts.notReported;
  const { average_after, average_before, busy_percent } = load;
  const average =
    average_before === null || average_after === null
      ? []
      : [texts.loadText(numberText(average_before), numberText(average_after))];
  const busy = busy_percent === null ? [] : [texts.busyText(numberText(busy_percent))];
  return average.length + busy.length === 0 ? texts.notReported : joined([...average, ...busy]);
}

function percentWords(value: number | null | undefined): Words {
  return value === null || value === undefined ? texts.notReported : same(`${numberText(value)} %`);
}

function joined(parts: readonly Words[]): Words {
  return { en: parts.map(({ en }) => en).join(", "), zh: parts.map(({ zh }) => zh).join("，") };
}
