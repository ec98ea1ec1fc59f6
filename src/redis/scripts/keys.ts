/**
 * The names of our keys. All keys of one partition carry one hash tag, so that one script can change them in a Cluster.
 * Redis takes the first `{…}` of a name as its tag; ids come after it, so braces in them do no harm.
 */

export type PartitionTag = `p${number}` | "cfg";

export interface Keyspace {
  readonly meta: string;
  /** Also the name of the channel of the wake-ups. */
  readonly feed: string;
  readonly nodes: string;
  readonly expiry: string;
  readonly leases: string;
  readonly orphans: string;
  readonly phase3: string;
  node(id: string): string;
  jobs(id: string): string;
  done(id: string): string;
}

export class PrefixError extends Error {
  override readonly name = "PrefixError";
}

/** A prefix with a brace would move the hash tag. @throws PrefixError */
export function checkPrefix(prefix: string): string {
  if (!/^[^{}\s]{0,64}$/u.test(prefix)) {
    throw new PrefixError(
      `key prefix ${JSON.stringify(prefix)}: allowed are up to 64 characters without braces or spaces`,
    );
  }
  return prefix;
}

export function keyspace(prefix: string, tag: PartitionTag): Keyspace {
  const base = `${checkPrefix(prefix)}{${tag}}:`;
  return {
    meta: `${base}meta`,
    feed: `${base}feed`,
    nodes: `${base}nodes`,
    expiry: `${base}expiry`,
    leases: `${base}leases`,
    orphans: `${base}orphans`,
    phase3: `${base}phase3`,
    node: (id) => `${base}node:${id}`,
    jobs: (id) => `${base}jobs:${id}`,
    done: (id) => `${base}done:${id}`,
  };
}
