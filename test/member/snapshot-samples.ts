import { logIndex, type MemberId, term } from '../../src/ids.js';
import type { SnapshotMetadata } from '../../src/raft/entry.js';
import type { InstallSnapshotRequest } from '../../src/raft/messages.js';
import { set } from '../store/commands.js';
import { Log } from '../store/log.js';
import { otherPeer, peer, self } from './members.js';

export function metadataOf(index: number, inTerm = 1): SnapshotMetadata {
  return {
    lastIncludedIndex: logIndex(index),
    lastIncludedTerm: term(inTerm),
    configuration: { voters: [self, peer, otherPeer], learners: [] },
  };
}

export function announce(
  index: number,
  { from = peer, inTerm = 1 }: { readonly from?: MemberId; readonly inTerm?: number } = {},
): InstallSnapshotRequest {
  return {
    type: 'InstallSnapshotRequest',
    from,
    to: self,
    term: term(inTerm),
    snapshot: metadataOf(index),
  };
}

/**
 * A snapshot of a state that has applied so many entries of term 1: `/k` holds the index of the
 * last.
 */
export function chunksOf(index: number, bytesMax = 64): readonly Uint8Array[] {
  const log = Log.empty();
  for (let at = 1; at <= index; at += 1) log.apply(set('/k', String(at)));
  const source = log.machine.snapshot();
  const chunks: Uint8Array[] = [];
  for (;;) {
    const chunk = source.next(bytesMax);
    if (chunk === undefined) return chunks;
    chunks.push(chunk);
  }
}

export async function* streamOf(chunks: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* chunks;
}

/** Some chunks, and then nothing until the test lets the rest come. */
export function stalledAfter(
  count: number,
  chunks: readonly Uint8Array[],
): { readonly stream: AsyncGenerator<Uint8Array>; readonly goOn: () => void } {
  let goOn: () => void = () => {};
  const released = new Promise<void>((resolve) => {
    goOn = resolve;
  });
  async function* stream(): AsyncGenerator<Uint8Array> {
    yield* chunks.slice(0, count);
    await released;
    yield* chunks.slice(count);
  }
  return { stream: stream(), goOn: () => goOn() };
}
