export const mutants = [
  {
    name: 'entries-beside-heartbeats',
    rule: 'no heartbeat waits behind entries',
    file: 'src/transport/connection.ts',
    find: 'if (appends.length > 0) this.#bulk?.appends.send(appends);',
    replace: 'if (appends.length > 0) this.#control.send(appends);',
  },
  {
    name: 'silent-while-bytes-leave',
    rule: 'a peer that takes bytes is not silent, however late its answer to a ping',
    file: 'src/transport/raft-stream.ts',
    find: 'if (this.#hasMoved()) this.heard();',
    replace: 'this.#hasMoved();',
  },
  {
    name: 'any-byte-is-life',
    rule: 'bytes that nothing waited behind show no life: the pings themselves leave',
    file: 'src/transport/raft-stream.ts',
    find: 'return this.#writer.hasBeenBusy() && this.#bytesLeft > before;',
    replace: 'this.#writer.hasBeenBusy();\n    return this.#bytesLeft > before;',
  },
  {
    name: 'bandwidth-queue-without-bound',
    rule: 'what waits for a slow link is bounded in bytes',
    file: 'test/support/memory-network.ts',
    find: 'if (link.bandwidth.waitingBytes > 0 && bytes > waitingBytesMax) return false;',
    replace: 'void (bytes > waitingBytesMax);',
  },
  {
    name: 'two-snapshots-to-one-peer',
    rule: 'a newer snapshot to a peer ends the older one',
    file: 'src/transport/outgoing-snapshots.ts',
    find: 'this.#running.get(to)?.abort(',
    replace: 'void (',
  },
  {
    name: 'endless-snapshot-chunk',
    rule: 'a chunk that is larger than the limit is refused before it reaches the disk',
    file: 'src/transport/snapshot-frames.ts',
    find: 'if (chunk.byteLength > chunkBytesMax)',
    replace: 'if (chunk.byteLength > 2 ** 30)',
  },
];
