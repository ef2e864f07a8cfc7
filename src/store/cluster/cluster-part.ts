import type { ClusterCommand } from '../../command/cluster.js';
import type { CommandResult } from '../../command/command-result.js';
import { NewerFormatError } from '../../encoding/format-error.js';
import type { FormatRange } from '../../encoding/format-range.js';
import type { MemberId } from '../../ids.js';
import type { EventFeed } from '../events/event-feed.js';
import { done } from '../part/outcome.js';
import type { CommandPart, HashedPart } from '../part/part.js';
import type { StateHash } from '../part/state-hash.js';
import type { SessionTable } from '../sessions/session-table.js';

interface Subjects {
  readonly feed: EventFeed;
  readonly sessions: SessionTable;
  /** What this release understands. It is not replicated. */
  readonly formats: FormatRange;
}

/**
 * The cluster's version: the format up to which its members may write. It rises when all members
 * understand more, and never falls, so what is on disk can be read by every member.
 */
export class ClusterPart implements CommandPart<ClusterCommand>, HashedPart {
  readonly #feed: EventFeed;
  readonly #sessions: SessionTable;
  readonly #formats: FormatRange;
  #version = 1;

  constructor({ feed, sessions, formats }: Subjects) {
    this.#feed = feed;
    this.#sessions = sessions;
    this.#formats = formats;
  }

  get version(): number {
    return this.#version;
  }

  /**
   * @throws {NewerFormatError} when this release does not understand the version that is reached.
   */
  apply({ version, members }: ClusterCommand): CommandResult {
    if (version > this.#version && this.#isUnderstood(version, members)) this.#raise(version);
    return done(this.#feed.etcdIndex);
  }

  /**
   * Not even an entry that a leader appended too early can shut out a member that has registered.
   */
  #isUnderstood(version: number, members: readonly MemberId[] | undefined): boolean {
    for (const { memberId, registration } of this.#sessions.all) {
      const counts = members === undefined || members.includes(memberId);
      if (counts && registration !== undefined && registration.formatVersionMax < version) {
        return false;
      }
    }
    return true;
  }

  /**
   * Takes over what a snapshot says.
   * @throws {NewerFormatError} as {@link apply}.
   */
  restore(version: number): void {
    this.#raise(version);
  }

  #raise(version: number): void {
    if (version > this.#formats.highest) {
      throw NewerFormatError.version('the cluster', version, this.#formats.highest);
    }
    this.#version = version;
  }

  addTo(hash: StateHash): void {
    hash.add(this.#version);
  }
}
