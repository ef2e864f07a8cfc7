import type { LogIndex, MemberId, Term } from '../ids.js';

/**
 * One slot of the replicated log.
 * - `noop`: what a new leader commits first (Raft, section 8); `data` is empty.
 * - `command`: `data` is opaque to the core.
 * - `configuration`: `data` is an encoded {@link Configuration}; in use from the moment it is
 *   appended.
 */
export interface Entry {
  readonly index: LogIndex;
  readonly term: Term;
  readonly type: EntryType;
  readonly data: Uint8Array;
}

export type EntryType = 'noop' | 'command' | 'configuration';

/** The members of the cluster. Learners receive the log and never count in a quorum. */
export interface Configuration {
  readonly voters: readonly MemberId[];
  readonly learners: readonly MemberId[];
  /**
   * Everybody who was a member once and is none any more. An id is never used again: its new owner
   * would be taken for the old one, whose votes and acknowledgements it does not have. Absent while
   * nobody was removed.
   */
  readonly removed?: readonly MemberId[] | undefined;
  /**
   * What the members are called and where they are, for the owner of the core, which does not read
   * it. So an address is in use as early as the member is. Absent until it was told once.
   */
  readonly addresses?: Uint8Array | undefined;
}

/** What must survive a crash beside the log (Raft, figure 2). */
export interface HardState {
  readonly currentTerm: Term;
  readonly votedFor: MemberId | undefined;
  /** May lag behind the truth: it only spares work at a restart. */
  readonly commitIndex: LogIndex;
}

/** What a snapshot stands for: every entry up to `lastIncludedIndex`. */
export interface SnapshotMetadata {
  readonly lastIncludedIndex: LogIndex;
  readonly lastIncludedTerm: Term;
  readonly configuration: Configuration;
}
