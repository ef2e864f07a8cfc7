import { field } from '../encoding/field.js';
import { uint } from '../encoding/kinds.js';
import { type RecordOf, recordFormat } from '../encoding/record-format.js';
import { lockName, lockSpace } from './kinds.js';

/** A condition of a write: the queue entry must hold when the write is applied. */
export type Fence = RecordOf<typeof fenceFormat>;
export const fenceFormat = recordFormat('a fence', {
  space: field(1, lockSpace),
  name: field(2, lockName),
  /** The index of the queue entry, which is the fencing token of its client. */
  index: field(3, uint),
});

/** Shared, because nearly every write has none. */
export const noFences: readonly Fence[] = Object.freeze([]);
