import type { Logger } from '../logger.js';
import type { Message } from '../raft/messages.js';
import type { RoleReason, SoftState } from '../raft/ready.js';

const sentences: Readonly<Record<RoleReason, string>> = {
  started: 'this member has started',
  laterTerm: 'a message of a later term came',
  leaderHeard: 'another member leads in this term',
  quorumSilent: 'no majority has answered for an election timeout',
  writeStalled: 'the disk has been busy with one write for an election timeout',
  electionLost: 'a majority refused its vote',
  electionTimeout: 'no leader is heard',
  preVoteWon: 'a majority would vote for it',
  leadershipTransfer: 'the leader hands over to this member',
  elected: 'a majority voted for it',
  removed: 'it was removed from the cluster, and that is committed',
};

/**
 * Tells in the log each change of this member's role, and of the leader, with its reason. Campaigns
 * are told once while there is no leader; a member that is cut off begins one after the other.
 */
export class RoleLog {
  readonly #logger: Logger;
  #known: SoftState | undefined;
  #hasCampaigned = false;
  #isStopping = false;

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  /** A leader that stops hands over, or its followers stop too: neither is a fault. */
  stopping(): void {
    this.#isStopping = true;
  }

  /** @param leaderIsGone the connection to a leader ended just now. */
  observe(soft: SoftState, reason: RoleReason, leaderIsGone: boolean): void {
    const known = this.#known;
    this.#known = soft;
    const fields = { term: soft.currentTerm, reason: sentences[reason] };
    if (soft.role === 'leader') {
      if (known?.role !== 'leader' || known.currentTerm !== soft.currentTerm)
        this.#tellLeader(fields);
      return;
    }
    const wasLeader = known?.role === 'leader';
    if (wasLeader) this.#logger[this.#isStopping ? 'info' : 'warn'](fields, 'stepped down');
    if (soft.leaderId !== undefined) this.#tellFollower(soft, known);
    else if (known?.leaderId !== undefined && !wasLeader) {
      const why = leaderIsGone ? 'its connection ended' : lossOf(soft, known, reason);
      this.#logger.info({ leader: known.leaderId, ...fields, reason: why }, 'leader lost');
    }
    if (soft.role !== 'follower' && known?.role !== soft.role) this.#tellCampaign(soft, fields);
  }

  /** At the level debug, the messages of elections, of transfers, and of snapshots. */
  message(direction: 'sent' | 'received', message: Message): void {
    if (isFrequent(message)) return;
    const { type, from, to, term } = message;
    const granted = 'voteGranted' in message ? { granted: message.voteGranted } : {};
    this.#logger.debug({ from, to, term, ...granted }, `${direction} ${type}`);
  }

  #tellLeader(fields: object): void {
    this.#hasCampaigned = false;
    this.#logger.info(fields, 'became leader');
  }

  #tellFollower({ leaderId, currentTerm }: SoftState, known: SoftState | undefined): void {
    this.#hasCampaigned = false;
    if (known?.leaderId === leaderId && known?.currentTerm === currentTerm) return;
    this.#logger.info({ leader: leaderId, term: currentTerm }, 'follows a leader');
  }

  #tellCampaign({ role }: SoftState, fields: object): void {
    const message = role === 'candidate' ? 'became candidate' : 'became pre-candidate';
    if (role === 'preCandidate' && this.#hasCampaigned) this.#logger.debug(fields, message);
    else this.#logger.info(fields, message);
    this.#hasCampaigned = true;
  }
}

/** A follower that forgets its leader has the reason of its role since an earlier event. */
function lossOf(soft: SoftState, known: SoftState, reason: RoleReason): string {
  if (soft.role !== 'follower') return sentences[reason];
  return sentences[soft.currentTerm > known.currentTerm ? 'laterTerm' : 'electionTimeout'];
}

function isFrequent({ type }: Message): boolean {
  return /^(?:AppendEntries|Heartbeat)/.test(type);
}
