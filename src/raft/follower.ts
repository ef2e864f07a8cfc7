import { assert, assertNever } from '../assert.js';
import { type LogIndex, logIndex, next, term } from '../ids.js';
import type { Entry } from './entry.js';
import type {
  AppendEntriesRequest,
  HeartbeatRequest,
  InstallSnapshotRequest,
  Message,
} from './messages.js';
import type { Change, RoleBehaviour } from './role.js';
import type { RaftState } from './state.js';

/** Follows the leader, if one is known, and starts an election when it hears from none. */
export class Follower implements RoleBehaviour {
  readonly role = 'follower';
  readonly #state: RaftState;

  constructor(state: RaftState) {
    this.#state = state;
  }

  begin(): undefined {
    return undefined;
  }

  tick(): Change | undefined {
    this.#state.timer.tick();
    if (!this.#state.timer.expired) return undefined;
    this.#state.leaderId = undefined;
    return this.#state.mayCampaign ? { type: 'preCandidate' } : undefined;
  }

  step(message: Message): Change | undefined {
    switch (message.type) {
      case 'AppendEntriesRequest':
        this.#appendEntries(message);
        return undefined;
      case 'HeartbeatRequest':
        this.#heartbeat(message);
        return undefined;
      case 'CommitNotice':
        this.#commitUpTo(message.leaderCommit, message.leaderCommit);
        return undefined;
      case 'InstallSnapshotRequest':
        this.#installSnapshot(message);
        return undefined;
      case 'TimeoutNowRequest':
        return this.#timeoutNow();
      case 'PreVoteRequest':
      case 'RequestVoteRequest':
      case 'PreVoteResponse':
      case 'RequestVoteResponse':
      case 'AppendEntriesResponse':
      case 'HeartbeatResponse':
      case 'InstallSnapshotResponse':
        return undefined;
      default:
        return assertNever(message);
    }
  }

  persisted(): undefined {
    return undefined;
  }

  /** Raft, figure 2, AppendEntries, receiver implementation. */
  #appendEntries(request: AppendEntriesRequest): void {
    const { log, commitIndex } = this.#state;
    const { prevLogIndex, prevLogTerm, entries, leaderCommit } = request;
    const ownTerm = log.termAt(prevLogIndex);
    // Compacted entries were committed, and the leader has every committed entry.
    if (ownTerm !== 'compacted' && ownTerm !== prevLogTerm) {
      assert(prevLogIndex > commitIndex, 'the leader contradicts a committed entry');
      this.#refuse(request);
      return;
    }
    this.#merge(entries);
    const matchIndex = logIndex(prevLogIndex + entries.length);
    this.#commitUpTo(leaderCommit, matchIndex);
    this.#state.sendOnceDurable(
      {
        type: 'AppendEntriesResponse',
        ...this.#answerTo(request),
        success: true,
        prevLogIndex,
        matchIndex,
        conflictTerm: term(0),
        conflictIndex: logIndex(0),
      },
      matchIndex,
    );
  }

  /** Names a whole term to skip, instead of one entry (Raft, end of section 5.3). */
  #refuse(request: AppendEntriesRequest): void {
    const { log } = this.#state;
    const { prevLogIndex } = request;
    const ownTerm = log.termAt(prevLogIndex);
    const hasEntry = typeof ownTerm === 'number';
    this.#state.send({
      type: 'AppendEntriesResponse',
      ...this.#answerTo(request),
      success: false,
      prevLogIndex,
      matchIndex: logIndex(0),
      conflictTerm: hasEntry ? ownTerm : term(0),
      conflictIndex: hasEntry ? log.firstOfTermAt(prevLogIndex) : next(log.lastIndex),
    });
  }

  /** Truncates only at a real conflict: a late request must not take back newer entries. */
  #merge(entries: readonly Entry[]): void {
    const { log, commitIndex } = this.#state;
    const first = entries.findIndex((entry) => this.#isNew(entry));
    if (first < 0) return;
    const conflict = entries[first];
    if (conflict !== undefined && conflict.index <= log.lastIndex) {
      assert(conflict.index > commitIndex, 'a committed entry is never truncated');
      log.truncate(conflict.index);
    }
    for (let at = first; at < entries.length; at += 1) {
      const entry = entries[at];
      if (entry !== undefined) log.append(entry);
    }
  }

  #isNew(entry: Entry): boolean {
    const ownTerm = this.#state.log.termAt(entry.index);
    return ownTerm !== 'compacted' && ownTerm !== entry.term;
  }

  #heartbeat(request: HeartbeatRequest): void {
    this.#commitUpTo(request.leaderCommit, request.leaderCommit);
    this.#state.send({
      type: 'HeartbeatResponse',
      ...this.#answerTo(request),
      readRound: request.readRound,
    });
  }

  #installSnapshot(request: InstallSnapshotRequest): void {
    const state = this.#state;
    const { lastIncludedIndex, lastIncludedTerm } = request.snapshot;
    if (lastIncludedIndex > state.commitIndex) {
      if (state.log.matches(lastIncludedIndex, lastIncludedTerm)) state.commitTo(lastIncludedIndex);
      else state.replaceLog(request.snapshot);
    }
    const matchIndex = state.commitIndex;
    state.sendOnceDurable(
      { type: 'InstallSnapshotResponse', ...this.#answerTo(request), matchIndex },
      matchIndex,
    );
  }

  #timeoutNow(): Change | undefined {
    if (!this.#state.mayCampaign) return undefined;
    return { type: 'candidate', leadershipTransfer: true };
  }

  /** Commits only what this message has verified to match (Raft, figure 2, rule 5). */
  #commitUpTo(leaderCommit: LogIndex, verified: LogIndex): void {
    const index = leaderCommit < verified ? leaderCommit : verified;
    if (index > this.#state.commitIndex) this.#state.commitTo(index);
  }

  #answerTo(request: Message) {
    return { from: this.#state.id, to: request.from, term: this.#state.currentTerm };
  }
}
