import { field } from '../../encoding/field.js';
import { flag, optional, text, uint } from '../../encoding/kinds.js';
import { recordFormat } from '../../encoding/record-format.js';
import type { ReplicatedDeadline } from './deadlines.js';

const ttlFormat = recordFormat('a TTL', {
  ttlMs: field(1, uint),
  leaseRevision: field(2, uint),
  startedAt: field(3, optional(uint)),
});

/** The fields of the keys in the record of a node. */
export const nodeFields = {
  /** The number of its directory, in the order in which directories are written. */
  directory: field(1, uint),
  name: field(2, text),
  isDirectory: field(3, flag),
  value: field(4, text),
  createdIndex: field(5, uint),
  modifiedIndex: field(6, uint),
  ttl: field(7, optional(ttlFormat)),
};

export interface NodeFields {
  readonly directory: number;
  readonly name: string;
  readonly isDirectory: boolean;
  readonly value: string;
  readonly createdIndex: number;
  readonly modifiedIndex: number;
  readonly ttl?: ReplicatedDeadline | undefined;
}
