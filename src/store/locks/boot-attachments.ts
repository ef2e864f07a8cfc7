import { Heap } from '../part/heap.js';
import { Boot, type BootRequests, type Session } from '../sessions/session.js';
import type { Attachment } from './queue.js';

/** What waits through one boot. */
export interface Waits {
  readonly requests: number;
  /** The shortest TTL of the waiting entries; undefined when none waits. */
  readonly shortestTtlMs: number | undefined;
}

/** The attachments of one boot of a member. */
export class BootAttachments implements BootRequests {
  readonly boot: Boot;
  readonly #ended: EndedBoots;
  /** The attachment to the newest queue entry comes first. */
  readonly #heap = new Heap<Attachment>((a, b) => a.entry.index > b.entry.index);
  /** Undefined when they have to be counted again. */
  #waits: Waits | undefined;

  constructor(boot: Boot, ended: EndedBoots) {
    this.boot = boot;
    this.#ended = ended;
  }

  get size(): number {
    return this.#heap.size;
  }

  get first(): Attachment | undefined {
    return this.#heap.first;
  }

  add(attachment: Attachment): void {
    this.#heap.put(attachment);
    this.resetWaits();
  }

  remove(attachment: Attachment): void {
    this.#heap.remove(attachment);
    this.resetWaits();
  }

  /** To be called when an entry begins to hold, or its TTL or its requests change. */
  resetWaits(): void {
    this.#waits = undefined;
  }

  get waits(): Waits {
    this.#waits ??= this.#count();
    return this.#waits;
  }

  #count(): Waits {
    let requests = 0;
    let shortestTtlMs: number | undefined;
    for (const { entry, plain, connected } of this.#heap.items) {
      if (entry.holds) continue;
      requests += (plain?.size ?? 0) + (connected?.size ?? 0);
      const { ttlMs } = entry.deadline;
      if (shortestTtlMs === undefined || ttlMs < shortestTtlMs) shortestTtlMs = ttlMs;
    }
    return { requests, shortestTtlMs };
  }

  end(): void {
    if (this.size > 0) this.#ended.add(this);
  }
}

/**
 * Boots that have ended and still have attachments. They follow from the queue entries and the
 * sessions, so a snapshot has no record of its own for them.
 */
export class EndedBoots {
  /** By member id and number, so that the order is the same after a snapshot. */
  readonly #ended: BootAttachments[] = [];

  add(attachments: BootAttachments): void {
    const at = this.#ended.findIndex((other) => isBefore(attachments.boot, other.boot));
    this.#ended.splice(at < 0 ? this.#ended.length : at, 0, attachments);
  }

  /** For a snapshot with an attachment of an ended boot. */
  restore(session: Session, number: number): Boot {
    const known = this.#ended.find(
      ({ boot }) => boot.session === session && boot.number === number,
    );
    if (known !== undefined) return known.boot;
    const boot = new Boot(session, number);
    boot.isOver = true;
    const attachments = new BootAttachments(boot, this);
    boot.requests = attachments;
    this.add(attachments);
    return boot;
  }

  /** The attachment to drop next: of the first boot, the one on its newest queue entry. */
  next(): Attachment | undefined {
    for (let ended = this.#ended[0]; ended !== undefined; ended = this.#ended[0]) {
      const { first } = ended;
      if (first !== undefined) return first;
      this.#ended.shift();
    }
    return undefined;
  }
}

function isBefore(a: Boot, b: Boot): boolean {
  if (a.session !== b.session) return a.session.memberId < b.session.memberId;
  return a.number < b.number;
}
