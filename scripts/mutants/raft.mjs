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
    find: 'if (reached <= commitIndex || !log.matches(reached, currentTerm)) return;',
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
    file: 'src/raft/followers.ts',
    find: 'voter === id ? log.stableIndex',
    replace: 'voter === id ? log.lastIndex',
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
  {
    name: 'truncation-keeps-write-in-progress',
    rule: 'a write in progress makes durable only what was not truncated since',
    file: 'src/raft/log.ts',
    find: 'if (this.#inProgress > kept) this.#inProgress = kept;',
    replace: '',
  },
  {
    name: 'snapshot-drops-matching-log',
    rule: 'a snapshot that the log has already leaves the entries behind it',
    file: 'src/raft/follower.ts',
    find: 'if (state.log.matches(lastIncludedIndex, lastIncludedTerm)) state.commitTo(lastIncludedIndex);',
    replace: 'if (lastIncludedTerm < 0) state.commitTo(lastIncludedIndex);',
  },
  {
    name: 'proposals-during-transfer',
    rule: 'a leader that hands over appends nothing',
    file: 'src/raft/leader.ts',
    find: `if (this.#transfer !== undefined) return failure('transferring');`,
    replace: '',
  },
  {
    name: 'late-refusal-believed',
    rule: 'a refusal counts only for the request that is open',
    file: 'src/raft/progress.ts',
    find: `if (this.#state === 'probe' && prevLogIndex !== previous(this.#nextIndex)) return;`,
    replace: 'void previous;',
  },
  {
    name: 'vote-by-length',
    rule: 'the later last term wins a vote, however long the other log is',
    file: 'src/raft/log.ts',
    find: 'if (lastLogTerm !== this.lastTerm) return lastLogTerm > this.lastTerm;',
    replace: 'void lastLogTerm;',
  },
  {
    name: 'window-ignored',
    rule: 'what is on its way to a follower is bounded in bytes',
    file: 'src/raft/progress.ts',
    find: 'this.#inflightBytes < this.#window.bytes',
    replace: 'this.#window.bytes > 0',
  },
  {
    name: 'window-never-adapts',
    rule: 'the window follows what the follower acknowledges',
    file: 'src/raft/append-window.ts',
    find: 'if (sum > this.#best) this.#best = sum;',
    replace: '',
  },
  {
    name: 'window-never-forgets',
    rule: 'a link that has become slow gets a smaller window',
    file: 'src/raft/append-window.ts',
    find: 'this.#best = Math.max(...this.#sums);',
    replace: '',
  },
  {
    name: 'probe-repeats-entries',
    rule: 'a probe that is repeated carries no entries',
    file: 'src/raft/progress.ts',
    find: "return hasEntries && !this.#probed ? 'entries' : 'empty';",
    replace: "return hasEntries ? 'entries' : 'empty';",
  },
  {
    name: 'answers-outlive-their-term',
    rule: 'what waits for a write is dropped with its term',
    file: 'src/raft/state.ts',
    find: 'this.#outbox.dropHeld();',
    replace: '',
  },
  {
    name: 'requests-wait-for-own-disk',
    rule: 'a leader sends entries before its own disk has them',
    file: 'src/raft/replication.ts',
    find: 'Math.max(this.#state.log.issuedIndex, this.#tickIndex)',
    replace: 'Math.max(this.#state.log.stableIndex, this.#tickIndex)',
  },
  {
    name: 'requests-for-each-proposal',
    rule: 'what arrives during a write is sent in one request',
    file: 'src/raft/replication.ts',
    find: 'Math.max(this.#state.log.issuedIndex, this.#tickIndex)',
    replace: 'this.#state.log.lastIndex',
  },
  {
    name: 'own-disk-holds-up-requests',
    rule: 'a leader whose disk is slow sends entries at the next tick',
    file: 'src/raft/replication.ts',
    find: 'this.#tickIndex = log.lastIndex;',
    replace: '',
  },
  {
    name: 'told-before-acknowledged',
    rule: 'a heartbeat or a notice commits no more than the follower has acknowledged',
    file: 'src/raft/replication.ts',
    find: 'const index = logIndex(Math.min(progress.matchIndex, this.#state.commitIndex));',
    replace: 'const index = this.#state.commitIndex;',
  },
  {
    name: 'commit-not-told',
    rule: 'a follower with nothing else to be sent is told of a commit at once',
    file: 'src/raft/progress.ts',
    find: "return owesCommit ? 'commit' : 'none';",
    replace: "return owesCommit ? 'none' : 'none';",
  },
  {
    name: 'commit-told-again',
    rule: 'a commit is told once, and after that only by heartbeats',
    file: 'src/raft/progress.ts',
    find: 'if (index > this.#toldCommitIndex) this.#toldCommitIndex = index;',
    replace: '',
  },
  {
    name: 'notice-of-an-earlier-term',
    rule: 'a notice of an earlier term has no effect',
    file: 'src/raft/raft.ts',
    find: `      default:
        return true;
    }
  }

  #dispatch`,
    replace: `      case 'CommitNotice':
        return false;
      default:
        return true;
    }
  }

  #dispatch`,
  },
  {
    name: 'notice-from-a-stranger',
    rule: 'only a leader sends notices, so its receiver follows it',
    file: 'src/raft/raft.ts',
    find: `      case 'CommitNotice':
      case 'InstallSnapshotRequest':
        this.#follow`,
    replace: `      case 'InstallSnapshotRequest':
        this.#follow`,
  },
  {
    name: 'stalled-disk-blames-quorum',
    rule: 'a leader says whether its disk or its followers made it step down',
    file: 'src/raft/leader.ts',
    find: "stepDown('writeStalled')",
    replace: "stepDown('quorumSilent')",
  },
];
