/**
 * Which jobs run on which node, as the node's own process would report it. A job runs from the moment at which its client learns of its place: a
 * client that has no answer has sent the job nowhere.
 */
export class Running {
  readonly #byNode = new Map<string, Set<string>>();

  began(node: string, job: string): void {
    const own = this.#byNode.get(node);
    if (own === undefined) this.#byNode.set(node, new Set([job]));
    else own.add(job);
  }

  ended(node: string, job: string): void {
    this.#byNode.get(node)?.delete(job);
  }

  /** The node's process is a new one. */
  forget(node: string): void {
    this.#byNode.delete(node);
  }

  /** In the order in which they began. */
  on(node: string): readonly string[] {
    return [...(this.#byNode.get(node) ?? [])];
  }
}
