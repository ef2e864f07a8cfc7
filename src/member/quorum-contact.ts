import type { Leadership } from './leadership.js';
import type { MemberOptions } from './options.js';

type Options = Pick<MemberOptions, 'transport' | 'clock' | 'limits' | 'initialMembers'>;

/**
 * Tells when it is certain that no leader will confirm anything soon: this member has known none
 * for an election timeout, in which it has asked for votes, and fewer members answer its pings than
 * make a majority with itself. Where a majority can be reached an election may be under way, and
 * waiting for it is worth while.
 */
export class QuorumContact {
  readonly #options: Options;
  readonly #leadership: Leadership;

  constructor(options: Options, leadership: Leadership) {
    this.#options = options;
    this.#leadership = leadership;
  }

  /** Why a client need not wait; undefined when it should. */
  loss(): string | undefined {
    const { clock, limits, initialMembers } = this.#options;
    const { leader, since } = this.#leadership;
    if (leader !== undefined || clock.now() - since < limits.electionTimeoutMs) return undefined;
    const others = initialMembers.length - 1;
    const reachable = others === 0 ? 0 : this.#reachable();
    if (2 * (reachable + 1) > initialMembers.length) return undefined;
    return `no leader is known, and ${reachable} of the ${others} other members answer this one, too few to elect one`;
  }

  #reachable(): number {
    const contacts = [...this.#options.transport.contacts().values()];
    return contacts.filter((contact) => contact.reachable).length;
  }
}
