import type { MemberId } from '../ids.js';
import type { Raft } from '../raft/raft.js';
import { failure, ok, type Result } from '../result.js';
import type { TransferRefusal } from './coordinator.js';
import type { Leadership } from './leadership.js';
import type { MemberOptions } from './options.js';

type TransferOptions = Pick<MemberOptions, 'storage' | 'transport' | 'logger'>;

/** Thesis, section 3.10: an operator moves the leadership, through any member. */
export class LeadershipTransfer {
  readonly #options: TransferOptions;
  readonly #raft: Raft;
  readonly #leadership: Leadership;
  #asked = 0;

  constructor(options: TransferOptions, raft: Raft, leadership: Leadership) {
    this.#options = options;
    this.#raft = raft;
    this.#leadership = leadership;
  }

  /**
   * Resolves with the new leader once this member knows it.
   * @param to undefined for the most up-to-date voter.
   */
  async run(
    to: MemberId | undefined,
    timeoutMs: number,
  ): Promise<Result<MemberId, TransferRefusal>> {
    const { leader } = this.#leadership;
    if (leader === undefined) return failure('noLeader');
    if (leader.leaderId === to) return failure('leadsAlready');
    if (!leader.isSelf) {
      this.#asked += 1;
      const tag = { id: this.#asked, boot: this.#options.storage.start.boot, term: leader.term };
      this.#options.transport.forward(leader.leaderId, [
        { type: 'transferLeadership', ...tag, to },
      ]);
    } else if (!this.begin(to)) return failure('noTarget');
    await this.#leadership.untilLeads((id) => id !== leader.leaderId, timeoutMs);
    const next = this.#leadership.leader?.leaderId;
    const isWanted = next !== undefined && next !== leader.leaderId && next === (to ?? next);
    return isWanted ? ok(next) : failure('notTaken');
  }

  /** False unless this member leads, and has a voter of that name to hand over to. */
  begin(to: MemberId | undefined): boolean {
    if (!this.#raft.transferLeadership(to)) return false;
    const target = to === undefined ? {} : { to };
    this.#options.logger.info(target, 'hands its leadership over');
    return true;
  }
}
