import type { Raft } from '../raft/raft.js';
import type { Leadership } from './leadership.js';
import type { MemberOptions } from './options.js';

type Options = Pick<MemberOptions, 'transport' | 'clock' | 'limits' | 'storage'>;

/**
 * Tells when it is certain that no leader will confirm anything soon: this member has known none
 * for an election timeout, in which it has asked for votes, and fewer voters answer its pings than
 * make a majority, with itself if it is one. Where a majority can be reached an election may be
 * under way, and waiting for it is worth while.
 */
export class QuorumContact {
  readonly #options: Options;
  readonly #raft: Pick<Raft, 'configuration'>;
  readonly #leadership: Leadership;

  constructor(options: Options, raft: Pick<Raft, 'configuration'>, leadership: Leadership) {
    this.#options = options;
    this.#raft = raft;
    this.#leadership = leadership;
  }

  /** Why a client need not wait; undefined when it should. */
  loss(): string | undefined {
    const { clock, limits, storage } = this.#options;
    const { leader, since } = this.#leadership;
    if (leader !== undefined || clock.now() - since < limits.electionTimeoutMs) return undefined;
    const { voters } = this.#raft.configuration;
    const { memberId } = storage.start.identity;
    const others = voters.filter((id) => id !== memberId);
    const contacts = this.#options.transport.contacts();
    const reachable = others.filter((id) => contacts.get(id)?.reachable === true).length;
    const answering = reachable + voters.length - others.length;
    // A member that has not learnt who the others are does not know how many decide.
    if (voters.length === 0 || 2 * answering > voters.length) return undefined;
    return `no leader is known, and ${reachable} of the ${others.length} other members answer this one, too few to elect one`;
  }
}
