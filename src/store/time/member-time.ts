import type { TimeCommand } from '../../command/time.js';
import type { Term } from '../../ids.js';
import type { TimeView } from '../../view/time-view.js';
import type { TimePart } from './time-part.js';

/** The cluster's clock and the TTLs, as this member's clock shows them. */
export class MemberTime implements TimeView {
  readonly #part: () => TimePart;

  /** @param part the current part: a snapshot replaces it. */
  constructor(part: () => TimePart) {
    this.#part = part;
  }

  /** The cluster's time at which the newest entry was appended. */
  get clusterTimeMs(): number {
    return this.#part().clock.ms;
  }

  onMemberClock(clusterTimeMs: number): number {
    return this.#part().clock.onMemberClock(clusterTimeMs);
  }

  /** Whether there are deadlines, so that the log needs stamps though nobody writes. */
  get hasDeadlines(): boolean {
    return this.#part().hasDeadlines;
  }

  /** The commands, `max` at most, that the leader of the term has to propose now. */
  expired(now: number, term: Term, max: number): readonly TimeCommand[] {
    return this.#part().expired(now, term, max);
  }

  /**
   * To be called when a member begins to lead, or has caught up after its start. It may have
   * applied the start of TTLs late. Sessions count from now, since no member could send keep-alives
   * without a leader.
   */
  adjustDeadlines(now: number): void {
    this.#part().adjustDeadlines(now);
  }
}
