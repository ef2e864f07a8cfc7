export const mutants = [
  {
    name: 'vote-before-disk',
    rule: 'a vote is told only when it is on disk',
    file: 'src/raft/state.ts',
    find: 'this.#outbox.send(message, this.#hardStateSequence);',
    replace: 'this.#outbox.send(message, 0);',
  },
  {
    name: 'commit-older-term',
    rule: 'an entry of an older term is not committed by counting replicas',
    file: 'src/raft/leader.ts',
    find: 'if (reached <= commitIndex || !log.matches(logIndex(reached), currentTerm)) return;',
    replace: 'void currentTerm; if (reached <= commitIndex) return;',
  },
  {
    name: 'truncate-on-stale-append',
    rule: 'a follower truncates only at a conflict',
    file: 'src/raft/follower.ts',
    find: `return ownTerm !== 'compacted' && ownTerm !== entry.term;`,
    replace: `return ownTerm !== 'compacted' && entry.index > this.#state.commitIndex;`,
  },
  {
    name: 'acknowledge-before-fsync',
    rule: 'an append is acknowledged only when its entries are on disk',
    file: 'src/raft/state.ts',
    find: 'Math.max(this.#hardStateSequence, this.#logSequence(index))',
    replace: 'Math.max(this.#hardStateSequence, 0 * this.#logSequence(index))',
  },
  {
    name: 'leader-counts-itself-early',
    rule: 'a leader counts itself only for what is on its own disk',
    file: 'src/raft/leader.ts',
    find: 'return this.#state.log.stableIndex;',
    replace: 'return this.#state.log.lastIndex;',
  },
  {
    name: 'read-without-round',
    rule: 'a read is served only after a round that began after it',
    file: 'src/raft/read-only.ts',
    find: 'const open = this.#batches.findIndex((batch) => batch.round > round);',
    replace: 'const open = this.#batches.findIndex((batch) => batch.round > round + 1);',
  },
  {
    name: 'unbounded-commit',
    rule: 'a follower commits no further than the last entry that the message verified',
    file: 'src/raft/follower.ts',
    find: 'const index = leaderCommit < verified ? leaderCommit : verified;',
    replace:
      'void verified; const index = leaderCommit < this.#state.log.lastIndex ? leaderCommit : this.#state.log.lastIndex;',
  },
];
