import { type LogIndex, logIndex, type MemberId, next } from '../ids.js';
import type { PeerProgress } from './options.js';
import { Progress } from './progress.js';
import { hasMajority, reachedByMajority } from './quorum.js';
import type { RaftState } from './state.js';

/** A member that a change removes, and when to forget it; unknown until the change is committed. */
interface Leaving {
  readonly removedAt: LogIndex;
  forgetTick: number | undefined;
}

/** For so many election timeouts a removed member is sent the log still. */
const leavingElections = 3;

/**
 * The other members as their leader sees them, and what a majority of the voters has reached. The
 * voters are those of the configuration in use, whoever else is sent the log.
 */
export class Followers {
  readonly #state: RaftState;
  readonly #progress = new Map<MemberId, Progress>();
  /**
   * They are sent the log for a little longer: so they learn of it, are quiet, and can end what
   * their clients have begun.
   */
  readonly #leaving = new Map<MemberId, Leaving>();
  /** Where the log ended at each tick of the last election timeout, and at the one before. */
  readonly #ends: LogIndex[];
  /** Ticks since the election. */
  #ticks = 0;

  constructor(state: RaftState) {
    this.#state = state;
    this.#ends = [state.log.lastIndex];
    this.follow();
  }

  /** Makes the followers those of the configuration in use. */
  follow(): void {
    const { id, log, configuration, options } = this.#state;
    const members = [...configuration.voters, ...configuration.learners];
    for (const peer of members) {
      if (peer === id || this.#progress.has(peer)) continue;
      this.#progress.set(peer, new Progress(peer, next(log.lastIndex), options));
    }
    for (const peer of this.#progress.keys()) {
      if (members.includes(peer) || this.#leaving.has(peer)) continue;
      this.#leaving.set(peer, { removedAt: log.configurationIndex, forgetTick: undefined });
    }
  }

  tick(): void {
    const { log, options } = this.#state;
    this.#ticks += 1;
    this.#ends.push(log.lastIndex);
    if (this.#ends.length > options.electionTimeoutTicks + 1) this.#ends.shift();
    this.#forgetRemoved();
  }

  get ticks(): number {
    return this.#ticks;
  }

  get all(): Iterable<Progress> {
    return this.#progress.values();
  }

  get(peer: MemberId): Progress | undefined {
    return this.#progress.get(peer);
  }

  /** Any answer shows that the follower is alive. Undefined for whoever is none. */
  heardFrom(peer: MemberId): Progress | undefined {
    const progress = this.#progress.get(peer);
    progress?.active(this.#ticks);
    return progress;
  }

  isActive(progress: Progress): boolean {
    return progress.activeSince(this.#activeSinceTick);
  }

  /** A snapshot is expensive: only who stays and was active recently is sent one. */
  deservesSnapshot(progress: Progress): boolean {
    return this.isActive(progress) && !this.#leaving.has(progress.id);
  }

  describe(): readonly PeerProgress[] {
    return Array.from(this.#progress.values(), (each) => each.describe(this.#activeSinceTick));
  }

  /** What is durable on a majority. A leader that is no voter does not count itself. */
  matchedByMajority(): LogIndex {
    const { id, log, configuration } = this.#state;
    const matched = configuration.voters.map((voter) =>
      voter === id ? log.stableIndex : (this.#progress.get(voter)?.matchIndex ?? 0),
    );
    return logIndex(reachedByMajority(matched));
  }

  /** The newest read round that a majority has answered. `newest` is the leader's own. */
  roundOfMajority(newest: number): number {
    const { id, configuration } = this.#state;
    const rounds = configuration.voters.map((voter) =>
      voter === id ? newest : (this.#progress.get(voter)?.readRound ?? 0),
    );
    return reachedByMajority(rounds);
  }

  /** CheckQuorum (thesis, section 6.2): a leader that lost its quorum steps down. */
  hearQuorum(): boolean {
    const { id, configuration } = this.#state;
    return hasMajority(
      configuration.voters,
      (voter) => voter === id || this.#hears(this.#progress.get(voter)),
    );
  }

  /**
   * Those who cannot be counted on: nothing was heard of them since the election, or for an
   * election timeout, or since their connection has ended.
   */
  silentAmong(voters: readonly MemberId[]): readonly MemberId[] {
    return voters.filter((voter) => {
      const progress = this.#progress.get(voter);
      return voter !== this.#state.id && !(this.#hears(progress) && progress?.isHeard === true);
    });
  }

  /** Whoever is alive had the time to answer since the election. */
  get haveHadTime(): boolean {
    return this.#ticks >= this.#state.options.electionTimeoutTicks;
  }

  #hears(progress: Progress | undefined): boolean {
    return progress !== undefined && this.isActive(progress);
  }

  /**
   * It has what the log held an election timeout ago, so it falls no further behind than that
   * (thesis, section 4.2.1: the last round of catching up is shorter than an election timeout).
   */
  hasCaughtUp(learner: MemberId): boolean {
    const progress = this.#progress.get(learner);
    const [end] = this.#ends;
    if (progress === undefined || end === undefined || !this.isActive(progress)) return false;
    return progress.matchIndex > 0 && progress.matchIndex >= end;
  }

  /** Of the voters that are alive. */
  mostUpToDate(): MemberId | undefined {
    let best: Progress | undefined;
    for (const voter of this.#state.configuration.voters) {
      const progress = this.#progress.get(voter);
      if (progress === undefined || !this.isActive(progress)) continue;
      if (best === undefined || progress.matchIndex > best.matchIndex) best = progress;
    }
    return best?.id;
  }

  #forgetRemoved(): void {
    const { commitIndex, options } = this.#state;
    for (const [peer, leaving] of this.#leaving) {
      if (commitIndex < leaving.removedAt) continue;
      leaving.forgetTick ??= this.#ticks + leavingElections * options.electionTimeoutTicks;
      if (this.#ticks < leaving.forgetTick) continue;
      this.#leaving.delete(peer);
      this.#progress.delete(peer);
    }
  }

  /** The first tick of the last election timeout. */
  get #activeSinceTick(): number {
    return this.#ticks - this.#state.options.electionTimeoutTicks + 1;
  }
}
