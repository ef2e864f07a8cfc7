import type { LogIndex, Term } from '../ids.js';
import type { Entry, SnapshotMetadata } from '../raft/entry.js';
import { corrupt } from './corruption.js';
import type { Root } from './root-record.js';
import type { Watermark } from './watermark-record.js';

/** The content of the database, each part verified by itself. */
export interface Found {
  readonly root: Root;
  readonly entries: readonly Entry[];
  readonly snapshot: SnapshotMetadata | undefined;
}

/** The parts must be consistent with each other. */
export function requireConsistent({ root, entries, snapshot }: Found): void {
  const { firstIndex, lastIndex } = root.log;
  const { currentTerm, commitIndex } = root.hardState;
  const covered = snapshot?.lastIncludedIndex ?? 0;
  if (firstIndex > covered + 1) {
    throw corrupt(
      `entries ${covered + 1} to ${firstIndex - 1} are missing between the snapshot and the log`,
    );
  }
  if (commitIndex > Math.max(lastIndex, covered)) {
    throw corrupt(`entry ${commitIndex} was committed, but the log ends at ${lastIndex}`);
  }
  const lastTerm = entries.at(-1)?.term ?? 0;
  if (lastTerm > currentTerm) {
    throw corrupt(`the log ends in term ${lastTerm}, the current term is only ${currentTerm}`);
  }
  const held = snapshot && termAt(entries, snapshot.lastIncludedIndex);
  const isContradicted = held !== undefined && held !== snapshot?.lastIncludedTerm;
  if (isContradicted && commitIndex >= covered) {
    throw corrupt(`the snapshot and the log disagree on committed entry ${covered}`);
  }
}

/** The database must hold at least what the watermark claims. */
export function requireWatermark(found: Found, watermark: Watermark): void {
  const { root } = found;
  if (root.identity.incarnation !== watermark.identity.incarnation) {
    throw corrupt('the database and the watermark file come from different directories');
  }
  if (root.boot < watermark.boot) {
    throw corrupt(
      `the database knows of start ${root.boot}, the watermark of start ${watermark.boot}`,
    );
  }
  requireVote(root, watermark);
  const covered = found.snapshot?.lastIncludedIndex ?? 0;
  if (covered < watermark.snapshotIndex) {
    throw corrupt(
      `the newest snapshot covers ${covered}, the watermark knows of one up to ${watermark.snapshotIndex}`,
    );
  }
  requireLogEnd(found, watermark, covered);
}

function requireVote({ hardState }: Root, { vote }: Watermark): void {
  const { currentTerm, votedFor } = hardState;
  if (currentTerm < vote.currentTerm) {
    throw corrupt(
      `the database is in term ${currentTerm}, the watermark knows of term ${vote.currentTerm}`,
    );
  }
  const isSameTerm = currentTerm === vote.currentTerm;
  if (isSameTerm && vote.votedFor !== undefined && votedFor !== vote.votedFor) {
    throw corrupt(`the vote for ${vote.votedFor} in term ${currentTerm} is missing`);
  }
}

function requireLogEnd({ root, entries }: Found, { logEnd }: Watermark, covered: number): void {
  if (logEnd.index <= covered) return;
  if (logEnd.index > root.log.lastIndex) {
    throw corrupt(
      `the log ends at index ${root.log.lastIndex}, the watermark says that it reached ${logEnd.index}`,
    );
  }
  const held = termAt(entries, logEnd.index);
  if (held !== logEnd.term) {
    throw corrupt(
      `entry ${logEnd.index} is of term ${held}, the watermark says that it was of term ${logEnd.term}`,
    );
  }
}

function termAt(entries: readonly Entry[], index: LogIndex): Term | undefined {
  const first = entries[0]?.index;
  return first === undefined ? undefined : entries[index - first]?.term;
}
