import { field } from '../encoding/field.js';
import { uint } from '../encoding/kinds.js';
import { type RecordOf, recordFormat } from '../encoding/record-format.js';
import { lockName, lockSpace } from './kinds.js';

/** A condition of a write: that queue entry holds where the write stands in the log. */
export type Fence = RecordOf<typeof fenceFormat>;
export const fenceFormat = recordFormat('a fence', {
  space: field(1, lockSpace),
  name: field(2, lockName),
  /** Of the queue entry: the fencing token that its client was given. */
  index: field(3, uint),
});

/** Nearly every write has none. */
export const noFences: readonly Fence[] = Object.freeze([]);
