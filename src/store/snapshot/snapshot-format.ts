import { field } from '../../encoding/field.js';
import { uint } from '../../encoding/kinds.js';
import { type RecordOf, recordFormat } from '../../encoding/record-format.js';
import type { Node } from '../keys/node.js';
import { nodeFields } from '../keys/node-format.js';
import { queueEntryRecord, queueRecord, roleFields } from '../locks/lock-records.js';
import { RecordKind } from '../part/snapshot-record.js';

/** A longer record is refused as soon as its length is read. */
export const recordBytesMax = 64 * 1024 * 1024;

export type Head = RecordOf<typeof headFormat>;
const headFormat = recordFormat('the head of a snapshot', {
  appliedIndex: field(1, uint),
  appliedTerm: field(2, uint),
  etcdIndex: field(3, uint),
  clusterTimeMs: field(4, uint),
  clusterVersion: field(5, uint),
  /** Where the cluster begins that was made of a backup; zero for any other. */
  restoredIndex: field(6, uint),
});

/**
 * The records of the whole. The head comes first, then the sessions, the nodes, the records of all
 * parts, and the end.
 */
export const headKind = new RecordKind(1, headFormat);
export const endKind = new RecordKind(
  8,
  recordFormat('the end of a snapshot', { nodes: field(1, uint) }),
);

/** A node is written with what the parts keep at it. */
type NodeRecord = RecordOf<typeof nodeFormat>;
const nodeFormat = recordFormat('a node', { ...nodeFields, ...roleFields });
export const nodeKind = new RecordKind(3, nodeFormat);

/** @param directory the number of its directory, in the order in which directories are written. */
export function nodeRecord(node: Node, directory: number): NodeRecord {
  const { name, value, createdIndex, modifiedIndex, deadline, role } = node;
  return {
    directory,
    name,
    isDirectory: node.children !== undefined,
    value,
    createdIndex,
    modifiedIndex,
    ttl: deadline,
    queue: queueRecord(role),
    queueEntry: queueEntryRecord(role),
  };
}
