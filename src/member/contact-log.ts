import type { MemberId } from '../ids.js';
import { hasMajority } from '../raft/quorum.js';
import type { Raft } from '../raft/raft.js';
import type { PeerContact, PeerRefusal } from '../view/peer-contact.js';
import { Condition, type News } from './condition.js';
import type { MemberOptions } from './options.js';

/** The contacts are looked at this often, and besides when a connection begins or ends. */
const intervalMs = 500;

type ContactLogOptions = Pick<MemberOptions, 'clock' | 'logger' | 'transport' | 'storage'>;

/**
 * Tells in the log when a peer is lost, found or refused, and when a majority is lost and found: a
 * change at once, and what goes on once a minute.
 */
export class ContactLog {
  readonly #options: ContactLogOptions;
  readonly #raft: Pick<Raft, 'configuration'>;
  readonly #peers = new Map<MemberId, Condition>();
  readonly #majority: Condition;
  #lookedAt: number;
  #isStopping = false;

  constructor(options: ContactLogOptions, raft: Pick<Raft, 'configuration'>) {
    this.#options = options;
    this.#raft = raft;
    this.#majority = new Condition(options.clock);
    this.#lookedAt = options.clock.now();
  }

  /** A whole cluster may be stopped at once, so a loss from now on is no fault. */
  stopping(): void {
    this.#isStopping = true;
  }

  tick(): void {
    if (this.#options.clock.now() - this.#lookedAt >= intervalMs) this.look();
  }

  look(): void {
    const { transport, clock } = this.#options;
    this.#lookedAt = clock.now();
    const contacts = transport.contacts();
    const { removed = [] } = this.#raft.configuration;
    for (const [peer, contact] of contacts) {
      // It is told that it was removed for as long as it may not know. Nobody misses it, and
      // another member may have its address by then.
      if (!removed.includes(peer)) this.#lookAt(peer, contact);
    }
    this.#lookAtMajority(contacts);
  }

  /**
   * Not all that this member refuses are its peers, even if they say so: anybody can dial it, and
   * the peer itself may be well at the same time.
   */
  refused(peer: MemberId, { by, reason }: PeerRefusal): void {
    this.look();
    if (by === 'peer' || this.#options.transport.contacts().get(peer)?.refusal !== undefined)
      return;
    this.#options.logger.warn({ peer, reason }, 'refused a connection of a peer');
  }

  #lookAt(peer: MemberId, contact: PeerContact): void {
    let condition = this.#peers.get(peer);
    if (condition === undefined) {
      condition = new Condition(this.#options.clock);
      this.#peers.set(peer, condition);
    }
    const state = stateOf(contact);
    const news = condition.observe(state);
    if (news === undefined) return;
    if (contact.refusal !== undefined) this.#tellRefusal(peer, contact.refusal, news);
    else if (state === 'good') this.#tellFound(peer, news);
    else this.#tellLost(peer, contact, news);
  }

  #tellFound(peer: MemberId, { before, lastedMs }: News): void {
    const { logger } = this.#options;
    if (before === undefined) logger.info({ peer }, 'peer found');
    else logger.info({ peer, afterMs: lastedMs }, 'peer found again');
  }

  #tellLost(peer: MemberId, { fault }: PeerContact, { before, lastedMs }: News): void {
    const reason = fault ?? 'it does not answer';
    const tell = (fields: object, message: string) => this.#tellLoss('warn', fields, message);
    if (before === undefined) tell({ peer, reason }, 'peer not found yet');
    else if (before === 'lost') tell({ peer, reason, forMs: lastedMs }, 'peer still lost');
    else tell({ peer, reason }, 'peer lost');
  }

  #tellLoss(level: 'warn' | 'error', fields: object, message: string): void {
    this.#options.logger[this.#isStopping ? 'info' : level](fields, message);
  }

  #tellRefusal(peer: MemberId, { by, reason }: PeerRefusal, { before, lastedMs }: News): void {
    const fields = before?.endsWith(reason) === true ? { forMs: lastedMs } : {};
    const message = by === 'self' ? 'peer is refused' : 'refused by a peer';
    this.#options.logger.error({ peer, reason, ...fields }, message);
  }

  #lookAtMajority(contacts: ReadonlyMap<MemberId, PeerContact>): void {
    const { logger, storage } = this.#options;
    const { memberId } = storage.start.identity;
    const { voters } = this.#raft.configuration;
    const missing = voters.filter((id) => id !== memberId && contacts.get(id)?.reachable !== true);
    const isGood = hasMajority(voters, (voter) => !missing.includes(voter));
    // A refused member alone does not know whether the others are a majority.
    if (!isGood && Array.from(contacts.values()).some(isRefusing)) return;
    const news = this.#majority.observe(isGood ? 'good' : 'lost');
    if (news === undefined) return;
    const { before, lastedMs } = news;
    const fields = { answering: voters.length - missing.length, voters: voters.length, missing };
    if (!isGood) {
      const goesOn = before === 'lost' ? { forMs: lastedMs } : {};
      const message = 'no majority answers: nothing can be written';
      this.#tellLoss('error', { ...fields, ...goesOn }, message);
    } else if (before !== undefined) {
      logger.info({ ...fields, afterMs: lastedMs }, 'a majority answers again');
    }
  }
}

function stateOf({ reachable, refusal }: PeerContact): string {
  if (reachable) return 'good';
  return refusal === undefined ? 'lost' : `refused by ${refusal.by}: ${refusal.reason}`;
}

function isRefusing({ refusal }: PeerContact): boolean {
  return refusal?.by === 'peer';
}
