import type { Command } from '../../command/command.js';
import type { CommandResult } from '../../command/command-result.js';
import type { Asker } from '../sessions/session.js';
import type { ApplyContext } from './apply-context.js';
import type { RecordReader, SnapshotRecord } from './snapshot-record.js';
import type { StateHash } from './state-hash.js';

/** A part of the state applies the commands of one table. */
export interface CommandPart<C extends Command = Command> {
  /** @param asker undefined for the leader's own commands. */
  apply(command: C, asker: Asker | undefined, context: ApplyContext): CommandResult;
}

/** What is replicated of a part, as the hash of the state covers it. */
export interface HashedPart {
  /** In an order that is the same after a snapshot. */
  addTo(hash: StateHash): void;
}

/** A part with more than nodes in a snapshot. */
export interface RecordedPart {
  /** What would change is copied now; the records are written later. */
  records(): Iterable<SnapshotRecord>;
  /**
   * Readers that put the records of a snapshot into this part, which is empty.
   * @param now on this member's clock, not before the snapshot was taken. TTLs count from then.
   */
  readers(now: number): readonly RecordReader[];
}
