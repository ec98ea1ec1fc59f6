/** The epochs that an instance of the `system` model follows (docs/instance.md, "Following"). */
import type { Domains, Instance } from "../state.ts";

export class Epochs {
  protected readonly domains: Domains;

  constructor(domains: Domains) {
    this.domains = domains;
  }

  /** Judges the epoch of the page that arrives. One that is refused stays abandoned. */
  mayFollow(instance: Instance): boolean {
    const { version, page, abandoned } = instance;
    const epoch = page.version?.epoch ?? 0;
    if (epoch === version.epoch) return true;
    if (!abandoned.has(epoch) && !this.#isFormer(instance)) return true;
    instance.abandoned = this.domains.order.with(abandoned, epoch);
    return false;
  }

  /** The instance leaves its epoch for that of the page, and all that the new one continues. */
  adopt(instance: Instance): void {
    const { order } = this.domains;
    const { version, page, abandoned } = instance;
    if (page.version?.epoch === version.epoch) return;
    instance.abandoned = order.with(abandoned, ...this.leftBehind(instance));
    instance.succession = page.succession;
  }

  /** The page is of a former primary: its epoch began as the instance's did, and continues fewer. */
  #isFormer({ version, succession, page }: Instance): boolean {
    const { order } = this.domains;
    const first = order.firstOf(page.succession.past, page.version?.epoch ?? 0);
    const isOfOneOrigin = first === order.firstOf(succession.past, version.epoch);
    return isOfOneOrigin && this.isLower(page.succession.generation, succession.generation);
  }

  protected isLower(generation: number, own: number): boolean {
    return generation < own;
  }

  /** The instance's own epoch, and those that the page's continues. */
  protected leftBehind({ version, page }: Instance): readonly number[] {
    return [version.epoch, ...this.domains.order.membersOf(page.succession.past)];
  }
}
