import { assert } from '../assert.js';
import { type LogIndex, logIndex, next, previous, type Term, term } from '../ids.js';
import type { Entry, HardState, SnapshotMetadata } from '../raft/entry.js';
import type { Write } from '../raft/ready.js';

/** The durable state that the rules for the next write need. */
export interface Durable {
  readonly hardState: HardState;
  /** The newest finished snapshot. */
  readonly snapshot: SnapshotMetadata | undefined;
  readonly firstIndex: LogIndex;
  readonly lastIndex: LogIndex;
}

export const initialHardState: HardState = {
  currentTerm: term(0),
  votedFor: undefined,
  commitIndex: logIndex(0),
};

/** A write that breaks one of these rules is a fault of the core, and must not reach a disk. */
export function assertWrite(write: Write, durable: Durable): void {
  assertHardState(write.hardState, durable.hardState);
  const first = write.snapshot === undefined ? durable.firstIndex : afterSnapshot(write, durable);
  const last = write.snapshot?.lastIncludedIndex ?? durable.lastIndex;
  const end = assertEntries(write, first, last, durable.hardState.commitIndex);
  assert(
    write.hardState.commitIndex <= end,
    `commit index ${write.hardState.commitIndex} lies beyond the log's end ${end}`,
  );
}

function afterSnapshot(write: Write, durable: Durable): LogIndex {
  const installed = write.snapshot?.lastIncludedIndex;
  const finished = durable.snapshot?.lastIncludedIndex;
  assert(
    installed !== undefined && installed === finished,
    `snapshot ${installed} is to be installed, the newest finished one is ${finished}`,
  );
  return next(installed);
}

function assertHardState(written: HardState, durable: HardState): void {
  assert(
    written.currentTerm >= durable.currentTerm,
    `term goes back from ${durable.currentTerm} to ${written.currentTerm}`,
  );
  assert(
    written.currentTerm > durable.currentTerm ||
      durable.votedFor === undefined ||
      written.votedFor === durable.votedFor,
    `vote in term ${durable.currentTerm} changes from ${durable.votedFor} to ${written.votedFor}`,
  );
}

/** Where the log ends after the write. */
function assertEntries(
  { entries, hardState }: Write,
  first: LogIndex,
  last: LogIndex,
  commitIndex: LogIndex,
): LogIndex {
  const [head] = entries;
  if (head === undefined) return last;
  assert(
    head.index >= first && head.index <= next(last),
    `entry ${head.index} does not join the log [${first}, ${last}]`,
  );
  assert(head.index > commitIndex, `entry ${head.index} is committed already`);
  let before: Entry = head;
  for (const entry of entries) {
    if (entry !== head) {
      assert(entry.index === next(before.index), `entry ${entry.index} follows ${before.index}`);
    }
    assert(
      entry.term >= before.term && entry.term <= hardState.currentTerm,
      `entry ${entry.index} has term ${entry.term}, out of order`,
    );
    before = entry;
  }
  return before.index;
}

export interface Recovered {
  readonly hardState: HardState;
  readonly entries: readonly Entry[];
  /** The log on disk conflicts with the snapshot, and the whole log is void. */
  readonly isLogVoid: boolean;
}

/**
 * A crash may come between the end of a received snapshot and the write that installs it. The
 * snapshot stands for committed entries only, so the start installs it: the log is kept if it holds
 * the snapshot's last entry (Raft, section 7), else every entry of it is either covered or in
 * conflict.
 */
export function recover(
  hardState: HardState,
  snapshot: SnapshotMetadata | undefined,
  entries: readonly Entry[],
  lastIndex: LogIndex,
): Recovered {
  if (snapshot === undefined) return { hardState, entries, isLogVoid: false };
  const { lastIncludedIndex, lastIncludedTerm } = snapshot;
  const first = entries[0]?.index ?? next(lastIndex);
  assert(lastIncludedIndex >= first - 1, `the log begins at ${first}, after a gap`);
  const isBehindLog = lastIncludedIndex === previous(first);
  const held = isBehindLog ? undefined : entries[lastIncludedIndex - first];
  const isLogVoid = !isBehindLog && held?.term !== lastIncludedTerm;
  assert(
    !isLogVoid || hardState.commitIndex <= lastIncludedIndex,
    `the snapshot at ${lastIncludedIndex} contradicts a committed entry`,
  );
  return {
    hardState: raise(hardState, lastIncludedIndex, lastIncludedTerm),
    entries: isLogVoid ? [] : entries,
    isLogVoid,
  };
}

/** A member may enter a term without a vote if it has not voted in that term. */
function raise(hardState: HardState, commitIndex: LogIndex, snapshotTerm: Term): HardState {
  const isOlder = hardState.currentTerm < snapshotTerm;
  return {
    currentTerm: isOlder ? snapshotTerm : hardState.currentTerm,
    votedFor: isOlder ? undefined : hardState.votedFor,
    commitIndex: commitIndex > hardState.commitIndex ? commitIndex : hardState.commitIndex,
  };
}
