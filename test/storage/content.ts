import assert from 'node:assert/strict';
import type { HardState, SnapshotMetadata } from '../../src/raft/entry.js';
import type { Storage } from '../../src/storage/storage.js';
import { plain, readAll } from './samples.js';

/** All that a storage promised to keep, comparable. */
export interface Content {
  readonly entries: readonly unknown[];
  readonly hardState: HardState;
  readonly snapshot: SnapshotMetadata | undefined;
  readonly chunks: readonly string[];
  readonly incarnation: string;
}

export async function contentOf(storage: Storage): Promise<Content> {
  const { entries, hardState, snapshot, identity } = storage.start;
  const reader = storage.openSnapshot();
  const chunks = reader === undefined ? [] : await readAll(reader.chunks());
  return {
    entries: plain(entries),
    hardState,
    snapshot,
    chunks: chunks.map((chunk) => chunk.toString('latin1')),
    incarnation: identity.incarnation,
  };
}

/** The one thing that a damaged directory may do instead of holding everything. */
export function assertRefused(error: unknown, what: string): void {
  assert.ok(error instanceof Error && 'code' in error, `${what}: ${String(error)}`);
  assert.equal(error.code, 'corrupt', `${what}: ${error.message}`);
  assert.match(error.message, /must not take part again/, what);
}
