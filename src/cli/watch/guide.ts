/** How to audit a live store: the help of the command, and docs/watch.md, which a test prints from it. */

export interface GuideSection {
  readonly title: string;
  readonly paragraphs: readonly string[];
  readonly items?: readonly string[];
}

export const watchGuide: readonly GuideSection[] = [
  {
    title: "What it does",
    paragraphs: [
      "It follows the feeds, looks at the nodes, and judges while the deployment works. It sends reading commands only, as a user with the rights of docs/acl.md. A database number in the URL needs +select besides. A password comes in the URL, percent-encoded, and is never printed.",
      "A signal ends it with the verdict of what it saw. It is broken if Redis refuses the user, or has not answered for the first 10 s, or for 60 s later on. After a shorter absence it goes on, says so and counts it.",
    ],
  },
  {
    title: "What is judged",
    paragraphs: ["The judges are those of inject. Where the store alone cannot meet a premise, another one counts."],
    items: [
      "J1: the count in every change, and at every look at a node, against its jobs.",
      "J2: every reservation against the capacity. Exercised: a reservation took the last place of a node. Refusals are not seen.",
      "J4: a node whose jobs have all ended holds none, and the index of leases has its earliest lease.",
      "V1: sequences, and epochs that come back or outlive their server.",
      "F1: the feed against the version of the partition, and each node against what the feed says of it. Each member of the index of nodes has a record.",
      "N4: no node expires and no job lapses before the deadline that was seen. Exercised: heartbeats carried a node past such a deadline, or it ended in its time.",
      "P1: the watch follows as an instance does, and is instance 0 of the messages. It never has to read all nodes again without an epoch change or a trimmed feed. What the instances themselves ask for is not seen.",
    ],
  },
  {
    title: "What is not seen",
    paragraphs: [
      "Verdicts are unknown, with the share, after changes that left the feed before they were read. They are unknown too if an epoch ended between two reads, a node could not be read, or Redis was away at the end. A store in which nothing happens is not_exercised.",
      "It begins in the middle of the store's life: changes of a node count from the first look at it. At the default rate all of 1,000 nodes are looked at within about 7 s.",
      "Deadlines are compared by the server's clock, to 1 s, and not over a jump of it. A deployment that passes a clock of its own (now_ms) to its scripts cannot be judged by N4.",
    ],
  },
  {
    title: "A violation",
    paragraphs: [
      "It is reported within 2 s, with its property, node, partition and the change that shows it. The partition's last changes are kept for check, which judges them again; what the feed left out shows there as V1. Without calls of clients there is nothing for reproduce to simulate.",
      "Ten histories of a property are kept. The same property of the same node is reported once a minute; all are counted.",
    ],
  },
  {
    title: "Load on Redis",
    paragraphs: [
      "Each partition is read every 250 ms, in one transaction of at most 89 commands, as far as --rate allows. With many partitions or nodes reads become rarer: raise it if the metric behind grows. One server is watched; a Cluster or a Sentinel is refused.",
    ],
  },
  {
    title: "JSON",
    paragraphs: [
      "--json prints an object a line, each with kind and time: waiting, following, epoch, missed, unreadable, away, back, violation, and last end, with the verdicts.",
    ],
  },
];

/** As the help of the command ends. */
export function guideText(): string {
  return watchGuide
    .map(({ items = [], paragraphs, title }) =>
      [`${title}:`, ...paragraphs.map((text) => `  ${text}`), ...items.map((item) => `  - ${item}`)].join("\n"),
    )
    .join("\n\n");
}
