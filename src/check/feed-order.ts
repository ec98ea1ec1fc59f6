/** F1: the feed delivers every change once, in order: the observer's stream says what the store holds, and each view is what it says up to its version. */
import { firstDifference } from "./content.ts";
import { coverageOf } from "./coverage.ts";
import { type NodeContent, ofKind, type Sample, type Version, versionText } from "./history.ts";
import { conclude, fewStories, inMs, type Judgement, type Trial } from "./judgement.ts";
import { dumpsOf, partitionsOf } from "./observation.ts";
import { properties } from "./properties.ts";
import { type ReplayedEpoch, replayEpochs } from "./replay.ts";
import { Views } from "./views.ts";

type Story = readonly string[];

export function judgeFeedOrder(trial: Trial): Judgement {
  const views = new Views(trial.history, trial.observations);
  const told = new Map(replayEpochs(trial.observations).map((epoch) => [epoch.epoch, new Told(epoch)]));
  const samples = ofKind(trial.history, "sample");
  const strange = strangeViews(trial);
  const violations = [
    ...dumpsOf(trial.observations).flatMap(({ at, nodes, version }) => {
      const contents = nodes.map(({ content }) => content);
      return version === null ? [] : differences(`the store, dumped at ${inMs(at)},`, contents, version, told);
    }),
    ...samples.flatMap((sample) => sampleStories(sample, told)),
    ...backwards(trial, views),
    ...strange.stories,
  ];
  return conclude({
    property: "F1",
    premise: properties.F1.premise,
    exercised: samples.length === 0 ? 0 : changesTakenIn(trial, views),
    judged: strange.of,
    unseen: strange.unseen,
    violations: fewStories(violations),
    measures: [{ name: "views_compared", value: samples.length }],
  });
}

/** What one epoch's feed says of each node at each of its sequences. */
class Told {
  readonly partition: number;
  readonly last: number;
  readonly #contents = new Map<string, { readonly from: number; readonly content: NodeContent | null }[]>();

  constructor({ base, last, partition, steps }: ReplayedEpoch) {
    this.partition = partition;
    this.last = last;
    for (const [node, { content }] of base) this.#contents.set(node, [{ from: 0, content }]);
    for (const { entry, after } of steps) {
      const { node } = entry.change;
      const own = this.#contents.get(node) ?? [];
      this.#contents.set(node, own);
      own.push({ from: entry.sequence, content: after?.content ?? null });
    }
  }

  get nodes(): Iterable<string> {
    return this.#contents.keys();
  }

  /** null: there is no such node then. */
  at(node: string, sequence: number): NodeContent | null {
    return this.#contents.get(node)?.findLast(({ from }) => from <= sequence)?.content ?? null;
  }
}

function sampleStories({ at, instance, nodes, views }: Sample, told: ReadonlyMap<string, Told>): readonly Story[] {
  const who = `the view of instance ${instance} at ${inMs(at)}`;
  const isKnown = new Set([...told.values()].flatMap((epoch) => [...epoch.nodes]));
  // A node may be of a partition whose feed nobody saw.
  const isWhole = views.every((view) => view === null || told.has(view.epoch));
  const strange = isWhole ? nodes.filter(({ node }) => !isKnown.has(node)) : [];
  return [
    ...strange.map(({ node }) => [`${who} has node ${node}, of which no feed has told`]),
    ...views.flatMap((view) => (view === null ? [] : differences(who, nodes, view, told))),
  ];
}

/** Nodes of the version's partition that are not what the feed says up to the version. What the observer did not see is not judged. */
function differences(
  who: string,
  shown: readonly NodeContent[],
  version: Version,
  told: ReadonlyMap<string, Told>,
): readonly Story[] {
  const epoch = told.get(version.epoch);
  if (epoch === undefined || version.sequence > epoch.last) return [];
  const byId = new Map(shown.map((node) => [node.node, node]));
  return [...epoch.nodes].flatMap((id) => {
    const node = byId.get(id);
    const differs = difference(node, id, version, epoch);
    return differs === null
      ? []
      : [[`${who} is not what the feed says up to ${versionText(version)}`, `node ${id}: ${differs}`]];
  });
}

/** A record that was read by itself may be ahead of the view: then it is what the feed says at its own version. */
function difference(node: NodeContent | undefined, id: string, version: Version, epoch: Told): string | null {
  const isAhead = node?.version.epoch === version.epoch && node.version.sequence > version.sequence;
  if (isAhead && node.version.sequence > epoch.last) return null;
  const expected = epoch.at(id, isAhead ? node.version.sequence : version.sequence);
  if (node === undefined) return expected === null ? null : "is not there";
  return expected === null ? "is there, and should not be" : firstDifference(node, expected);
}

interface Strange {
  readonly of: number;
  readonly stories: readonly Story[];
  readonly unseen: number;
}

/** Views at versions that the store never had. */
function strangeViews(trial: Trial): Strange {
  const coverage = coverageOf(trial);
  const stories: Story[] = [];
  let [of, unseen] = [0, 0];
  for (const { at, instance, views } of [...ofKind(trial.history, "view"), ...ofKind(trial.history, "sample")]) {
    for (const [partition, view] of views.entries()) {
      if (view === null) continue;
      of += 1;
      const standing = coverage.standingShown(view, at);
      if (standing === "unseen") unseen += 1;
      if (standing !== "never") continue;
      stories.push([
        `the view of instance ${instance} was at ${versionText(view)}, which the store never had`,
        `partition ${partition}, seen at ${inMs(at)}`,
      ]);
    }
  }
  return { of, stories, unseen };
}

/** A view goes forward in its epoch, and never takes up one that it has left. */
function backwards({ instances, observations }: Trial, views: Views): readonly Story[] {
  const stories: Story[] = [];
  for (let instance = 0; instance < instances; instance += 1) {
    for (const partition of partitionsOf(observations)) {
      const left = new Set<string>();
      let before: Version | null = null;
      for (const { at, view } of views.of(instance, partition)) {
        const isBack = before?.epoch === view.epoch ? view.sequence < before.sequence : left.has(view.epoch);
        if (isBack && before !== null) {
          stories.push([
            `the view of instance ${instance} went from ${versionText(before)} to ${versionText(view)}, allowed only forward`,
            `partition ${partition}, seen at ${inMs(at)}`,
          ]);
        }
        if (before !== null && before.epoch !== view.epoch) left.add(before.epoch);
        before = view;
      }
    }
  }
  return stories;
}

/** Over all instances and partitions, within an epoch. */
function changesTakenIn({ instances, observations }: Trial, views: Views): number {
  let count = 0;
  for (let instance = 0; instance < instances; instance += 1) {
    for (const partition of partitionsOf(observations)) {
      let before: Version | null = null;
      for (const { view } of views.of(instance, partition)) {
        if (before?.epoch === view.epoch) count += Math.max(0, view.sequence - before.sequence);
        before = view;
      }
    }
  }
  return count;
}
