import type { LockSpace } from '../../command/lock-path.js';
import type { MemberId } from '../../ids.js';
import type { HolderChanges, HolderListener } from '../../view/holder-change.js';
import type { LockStatistics } from '../../view/lock-statistics.js';
import type { LocksView } from '../../view/locks-view.js';
import type { QueueSize, SpaceTotals } from '../../view/queue.js';
import type { QueueEntryListener, QueueEntryView } from '../../view/queue-entry.js';
import type { KeysPart } from '../keys/keys-part.js';
import type { SessionsPart } from '../sessions/sessions-part.js';
import type { LockCounters } from './lock-counters.js';
import type { LockListeners } from './lock-listeners.js';
import { entryState, findEntry, holderStates, queueSize, queueState } from './lock-view.js';
import type { LocksPart } from './locks-part.js';
import { QueueListing } from './queue-listing.js';
import type { Queues } from './queues.js';

interface ReadParts {
  readonly keys: KeysPart;
  readonly locks: LocksPart;
  readonly sessions: SessionsPart;
}

/** What readers see of locks and elections. */
export class LocksReader implements LocksView {
  readonly #parts: () => ReadParts;
  readonly #listeners: LockListeners;
  readonly #counters: LockCounters;

  /** @param parts the current parts: a snapshot replaces them. */
  constructor(parts: () => ReadParts, listeners: LockListeners, counters: LockCounters) {
    this.#parts = parts;
    this.#listeners = listeners;
    this.#counters = counters;
  }

  get #queues(): Queues {
    return this.#parts().locks.queues;
  }

  holder(space: LockSpace, name: string): QueueEntryView | undefined {
    const first = this.#queues.get(space, name)?.first;
    return first && entryState(first);
  }

  /** The whole queue at once. For checks only, since it may be long. */
  queue(space: LockSpace, name: string): readonly QueueEntryView[] {
    return queueState(this.#queues, space, name);
  }

  /** The same as `queue`, entry by entry. To be closed, or read to its end. */
  listQueue(space: LockSpace, name: string): QueueListing {
    return new QueueListing(this.#parts().keys.tree, this.#queues.get(space, name));
  }

  queueEntry(space: LockSpace, name: string, index: number): QueueEntryView | undefined {
    const entry = findEntry(this.#queues, space, name, index);
    return entry && entryState(entry);
  }

  namesFrom(space: LockSpace, start: string): Iterable<string> {
    return this.#queues.namesFrom(space, start);
  }

  holders(space: LockSpace, name: string, max: number): readonly QueueEntryView[] {
    return holderStates(this.#queues.get(space, name), max);
  }

  queueSize(space: LockSpace, name: string): QueueSize {
    return queueSize(this.#queues.get(space, name));
  }

  totals(space: LockSpace): SpaceTotals {
    return this.#queues.totals(space);
  }

  waitingRequests(memberId: MemberId): number {
    const session = this.#parts().sessions.table.get(memberId);
    return (session && this.#queues.attachments.waits(session.boot)?.requests) ?? 0;
  }

  statistics(space: LockSpace): LockStatistics {
    return this.#counters.describe(space);
  }

  limit(space: LockSpace, name: string): number {
    return this.#queues.get(space, name)?.limit ?? 1;
  }

  spaceChangedIndex(space: LockSpace): number {
    return this.#listeners.spaceChangedIndex(space);
  }

  onSpace(space: LockSpace, listener: () => void): () => void {
    return this.#listeners.onSpace(space, listener);
  }

  holderChangedIndex(space: LockSpace, name: string): number {
    return this.#queues.holderChangedIndex(space, name);
  }

  holderChanges(space: LockSpace, name: string, sinceIndex: number): HolderChanges {
    return this.#queues.history.of(space, name, sinceIndex);
  }

  /** The listener is never called for a queue entry that does not exist. */
  onQueueEntry(
    space: LockSpace,
    name: string,
    index: number,
    listener: QueueEntryListener,
  ): () => void {
    const entry = findEntry(this.#queues, space, name, index);
    return entry === undefined ? () => undefined : this.#listeners.onQueueEntry(index, listener);
  }

  onHolder(space: LockSpace, name: string, listener: HolderListener): () => void {
    return this.#listeners.onHolder(space, name, listener);
  }

  /**
   * The shortest TTL that a member has to keep alive; undefined when nobody waits through that
   * boot.
   */
  keepAliveTtl(memberId: MemberId, boot: number): { readonly ttlMsMin: number } | undefined {
    const session = this.#parts().sessions.table.get(memberId);
    if (session?.boot.number !== boot) return undefined;
    const ttlMsMin = this.#queues.attachments.waits(session.boot)?.shortestTtlMs;
    return ttlMsMin === undefined ? undefined : { ttlMsMin };
  }
}
