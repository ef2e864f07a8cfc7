import type { Attachment } from '../keys/node.js';
import { Boot, type Session } from './session.js';

/**
 * Boots that have ended and still have attachments. They follow from the queue entries and the
 * sessions, so a snapshot has no record of its own for them.
 */
export class EndedBoots {
  /** By member id and number, so that the order is the same after a snapshot. */
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

  /** For a snapshot with an attachment of an ended boot. */
  restore(session: Session, number: number): Boot {
    const known = this.#boots.find((boot) => boot.session === session && boot.number === number);
    if (known !== undefined) return known;
    const boot = new Boot(session, number);
    boot.isOver = true;
    this.#insert(boot);
    return boot;
  }

  /** The attachment to drop next: of the first boot, the one on its newest queue entry. */
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
