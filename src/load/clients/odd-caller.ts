/**
 * Makes calls with one argument at a limit (src/load/plan/odd-calls.ts). Their other arguments are usual, but ask for nodes, pools and languages that no
 * other client uses: none of them takes a place or chooses a pool for another one.
 */
import { type Op, versionText } from "../../check/history.ts";
import { configurationOf } from "../plan/configuration.ts";
import { type LimitCall, limitCalls } from "../plan/odd-calls.ts";
import {
  type Caller,
  type CallResult,
  readResult,
  registrationResult,
  type Subject,
  selectionResult,
  writeResult,
} from "./caller.ts";
import { dispatchResult } from "./job-client.ts";
import type { Target } from "./target.ts";

type List = number | readonly string[];

/** Every argument of every call; a list by its entries, or by their number. The odd one may be of any type. */
interface Arguments {
  readonly node: string;
  readonly job: string;
  readonly pool: string;
  readonly key?: string;
  readonly source: string;
  readonly target: string;
  readonly service?: string;
  readonly services?: List;
  readonly count: number;
  readonly attempts?: number;
  readonly lease?: number;
  readonly seq: number;
  readonly incarnation: string;
  readonly running?: List;
  readonly registration?: string;
  readonly expected?: string;
  readonly max_jobs: number;
  readonly pools?: List;
  readonly languages?: List;
  readonly name: string;
  readonly enabled: boolean;
  readonly fallback_scan_all_pools: boolean;
  readonly hash_seed: number;
  readonly pool_count?: number;
  readonly twice?: boolean;
}

const usual = {
  /** The incarnation of no node. */
  incarnation: "0123456789abcdef:1",
  ...{ pool: "odd-pool", source: "en", target: "tlh", count: 4, seq: 1, max_jobs: 0 },
  ...{ name: "", enabled: true, fallback_scan_all_pools: false, hash_seed: 0 },
};

/** A version that no store has. */
const unknownVersion = { epoch: "0123456789abcdef", sequence: 1 };

interface Made {
  /** The recorded part of a call that is allowed: a refused argument may be of a type that a record does not have. */
  readonly recorded: Omit<Subject, "instance" | "op" | "allowed">;
  run(): Promise<CallResult>;
}

/** @param nth one after the other, from 0 on @param name of no other call */
export async function callAtLimit(
  caller: Caller,
  target: Target,
  { instance, name, nth }: { readonly instance: number; readonly name: string; readonly nth: number },
): Promise<void> {
  const odd = limitCalls[nth % limitCalls.length] as LimitCall;
  const { argument, isAllowed, op, value } = odd;
  const given = { ...usual, node: name, job: name, [argument]: value } as Arguments;
  const { recorded, run } = makers[op](target, given);
  const { job, node } = recorded;
  const named = { ...(node !== undefined && { node: String(node) }), ...(job !== undefined && { job: String(job) }) };
  const subject = { instance, op, ...(isAllowed ? recorded : {}), ...named, allowed: isAllowed };
  await caller.call(subject, run, (result) => result);
}

const makers: Readonly<Record<Op, (target: Target, given: Arguments) => Made>> = {
  get_node: (target, { node }) => ({ recorded: { node }, run: async () => readResult(await target.getNode(node)) }),
  select_nodes: (target, given) => {
    const asked = { ...wishOf(given), count: given.count };
    return { recorded: { asked }, run: async () => selectionResult(await target.selectNodes(asked)) };
  },
  dispatch: (target, given) => {
    const { job } = given;
    const [wish, options] = [wishOf(given), { ...partOf(given, "attempts"), ...partOf(given, "lease") }];
    const run = async () => dispatchResult(await target.dispatch({ ...wish, job }, options));
    return { recorded: { job, asked: { ...wish, ...options } }, run };
  },
  reserve_job: (target, given) => {
    const [{ job, node }, options] = [given, partOf(given, "lease")];
    const run = async () => writeResult(await target.reserveJob(node, job, options));
    return { recorded: { node, job, ...options }, run };
  },
  complete_job: (target, { job, node }) => {
    return { recorded: { node, job }, run: async () => writeResult(await target.completeJob(node, job)) };
  },
  release_job: (target, { job, node }) => {
    return { recorded: { node, job }, run: async () => writeResult(await target.releaseJob(node, job)) };
  },
  heartbeat: (target, { incarnation, job, node, running: entries, seq }) => {
    const running = entries === undefined ? [job] : list(entries, "job");
    const run = async () => writeResult(await target.heartbeat({ node, seq, metrics: {}, running, incarnation }));
    return { recorded: { node, seq, running, incarnation }, run };
  },
  offline_node: (target, { incarnation, node }) => {
    return {
      recorded: { node, incarnation },
      run: async () => writeResult(await target.offlineNode(node, incarnation)),
    };
  },
  register_node: (target, given) => {
    const { max_jobs, node } = given;
    const [pools, services] = [poolsOf(given), servicesOf(given)];
    const offer = { max_jobs, pools, services, languages: pairsOf(given) };
    const expected = partOf(given, "expected");
    const request = { node, ...offer, ...partOf(given, "registration"), ...expected };
    return {
      recorded: { node, offer, ...expected },
      run: async () => registrationResult(await target.registerNode(request)),
    };
  },
  put_config: (target, given) => {
    const { enabled, fallback_scan_all_pools, hash_seed, name, twice } = given;
    const pool = { name, required_services: servicesOf(given), language_pairs: pairsOf(given) };
    const pools = [...poolsOf(given), ...(twice === true ? poolsOf(given) : [])].map((id) => ({ ...pool, id }));
    const { pool_count = pools.length } = given;
    const config = { enabled, fallback_scan_all_pools, hash_seed, pool_count, pools };
    const run = async () => writeResult(await target.putConfig(config, unknownVersion));
    return { recorded: { expected: versionText(unknownVersion), configuration: configurationOf(config) }, run };
  },
};

/** The argument where it is given at all. */
function partOf<Name extends keyof Arguments>(given: Arguments, name: Name): Pick<Arguments, Name> {
  return (given[name] === undefined ? {} : { [name]: given[name] }) as Pick<Arguments, Name>;
}

function wishOf(given: Arguments) {
  const { pool, source, target } = given;
  return { pool, source, target, services: servicesOf(given), ...partOf(given, "key") };
}

function poolsOf({ pool, pools }: Arguments): readonly string[] {
  return pools === undefined ? [pool] : list(pools, "pool");
}

function servicesOf({ service, services = 0 }: Arguments): readonly string[] {
  return service === undefined ? list(services, "service") : [service];
}

function pairsOf({
  languages,
  source,
  target,
}: Arguments): readonly { readonly source: string; readonly target: string }[] {
  return languages === undefined
    ? [{ source, target }]
    : list(languages, "language").map((one) => ({ source: one, target }));
}

/** So many different names, where it is not a list already. */
function list(entries: List, what: string): readonly string[] {
  if (typeof entries !== "number") return entries;
  return Array.from({ length: entries }, (_, index) => `${what}-${index}`);
}
