import type { StateMachine } from '../store/state-machine.js';
import type { Leadership } from './leadership.js';
import type { MemberOptions } from './options.js';
import { PacedLog } from './paced-log.js';
import type { Proposals } from './proposals.js';

/**
 * A keep-alive is sent at least this often, and three times in the shortest TTL that depends on it.
 */
const intervalMsMax = 5000;
/**
 * A member that has been idle for this long reports that the results of its commands are settled.
 */
const settleIdleMs = 1000;

type KeepAliveOptions = Pick<MemberOptions, 'storage' | 'clock' | 'logger' | 'limits'>;

/**
 * Says that the waiting connections of this member are still held; and, as any command does, which
 * results are settled, where no other command says so.
 */
export class KeepAlive {
  readonly #options: KeepAliveOptions;
  readonly #stateMachine: StateMachine;
  readonly #leadership: Leadership;
  readonly #proposals: Proposals;
  readonly #unconfirmed: PacedLog;
  #sentAt: number;
  #isPending = false;

  constructor(
    options: KeepAliveOptions,
    stateMachine: StateMachine,
    leadership: Leadership,
    proposals: Proposals,
  ) {
    this.#options = options;
    this.#stateMachine = stateMachine;
    this.#leadership = leadership;
    this.#proposals = proposals;
    this.#sentAt = options.clock.now();
    this.#unconfirmed = new PacedLog(options.clock, (fields) =>
      options.logger.warn(fields, 'the keep-alive was not confirmed'),
    );
  }

  tick(): void {
    const { clock, limits } = this.#options;
    if (this.#isPending || !(this.#isDue() || this.#settlingIsDue())) return;
    this.#sentAt = clock.now();
    this.#isPending = true;
    this.#proposals
      .add({ type: 'keepAlive' }, limits.electionTimeoutMs)
      .catch((error: unknown) => this.#unconfirmed.tell('', { reason: String(error) }))
      .finally(() => {
        this.#isPending = false;
      });
  }

  #isDue(): boolean {
    const { clock, storage } = this.#options;
    const { identity, boot } = storage.start;
    const waiting = this.#stateMachine.locks.keepAliveTtl(identity.memberId, boot);
    if (waiting === undefined) return false;
    const interval = Math.min(intervalMsMax, waiting.ttlMsMin / 3);
    return clock.now() - this.#sentAt >= interval;
  }

  #settlingIsDue(): boolean {
    return this.#leadership.leader !== undefined && this.#proposals.mustTellSettled(settleIdleMs);
  }
}
