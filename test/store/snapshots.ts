import type { SnapshotSource } from '../../src/store/snapshot/snapshot-source.js';
import { StateMachine } from '../../src/store/state-machine.js';

export const chunkBytes = 256 * 1024;

/** All that was not read of it yet. */
export function rest(source: SnapshotSource, maxBytes = chunkBytes): Uint8Array[] {
  const chunks: Uint8Array[] = [];
  for (;;) {
    const chunk = source.next(maxBytes);
    if (chunk === undefined) return chunks;
    chunks.push(chunk);
  }
}

export function restored(
  chunks: readonly Uint8Array[],
  now: number,
  machine = new StateMachine(),
): StateMachine {
  const restorer = machine.restorer(now);
  for (const chunk of chunks) restorer.push(chunk);
  restorer.finish();
  restorer.install();
  return machine;
}
