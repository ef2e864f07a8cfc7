import { field } from '../encoding/field.js';
import { logIndex, memberId, term } from '../encoding/id-kinds.js';
import { bytes, list, oneOf, optional, required } from '../encoding/kinds.js';
import { formatFor } from '../encoding/record-format.js';
import { type LogIndex, logIndex as toLogIndex } from '../ids.js';
import type { Configuration, Entry, EntryType, SnapshotMetadata } from '../raft/entry.js';

/**
 * The one table of entry types, for disk and wire. Their positions are written: only ever append.
 */
const entryTypes = ['noop', 'command', 'configuration'] as const satisfies readonly EntryType[];

/** An entry as it is written: its index follows from its place. */
export type PlacedEntry = Omit<Entry, 'index'>;

const entryFormat = formatFor<PlacedEntry>('an entry', {
  term: field(1, term),
  type: field(2, oneOf<EntryType>(entryTypes)),
  data: field(3, bytes),
});

/** Contiguous entries. What is read shares the memory of the record. */
export const entryList = list(entryFormat, Object.freeze([]));

/** Gives the entries their indexes back. */
export function withIndexes(entries: readonly PlacedEntry[], firstIndex: LogIndex): Entry[] {
  return entries.map(({ term, type, data }, position) => ({
    index: toLogIndex(firstIndex + position),
    term,
    type,
    data,
  }));
}

const members = list(memberId, Object.freeze([]));

const configurationFormat = formatFor<Configuration>('a configuration', {
  voters: field(1, members),
  learners: field(2, members),
  removed: field(3, optional(members)),
  addresses: field(4, optional(bytes)),
});

export const snapshotMetadataFormat = formatFor<SnapshotMetadata>("a snapshot's metadata", {
  lastIncludedIndex: field(1, logIndex),
  lastIncludedTerm: field(2, term),
  configuration: field(3, required(configurationFormat)),
});
