import type { Attachment } from './node.js';
import { Boot, type Session } from './session.js';

/**
 * Boots that are over, for as long as queue entries are left that were kept through them. Which these are
 * follows from the queue entries and the sessions: nothing else of it is in a snapshot.
 */
export class EndedBoots {
  /** In an order that does not depend on how the state came about. */
  readonly #boots: Boot[] = [];

  add(boot: Boot): void {
    boot.isOver = true;
    if (boot.attachments.size === 0) return;
    this.#insert(boot);
  }

  #insert(boot: Boot): void {
    const at = this.#boots.findIndex((other) => isBefore(boot, other));
    this.#boots.splice(at < 0 ? this.#boots.length : at, 0, boot);
  }

  /** For a snapshot that has a queue entry which was kept through it. */
  restore(session: Session, number: number): Boot {
    const known = this.#boots.find((boot) => boot.session === session && boot.number === number);
    if (known !== undefined) return known;
    const boot = new Boot(session, number);
    boot.isOver = true;
    this.#insert(boot);
    return boot;
  }

  /** One of what they left behind; of a boot, that on the newest queue entry. */
  next(): Attachment | undefined {
    for (let boot = this.#boots[0]; boot !== undefined; boot = this.#boots[0]) {
      const { first } = boot.attachments;
      if (first !== undefined) return first;
      this.#boots.shift();
    }
    return undefined;
  }
}

function isBefore(a: Boot, b: Boot): boolean {
  if (a.session !== b.session) return a.session.memberId < b.session.memberId;
  return a.number < b.number;
}
