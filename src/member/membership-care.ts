import type { MemberId } from '../ids.js';
import type { ConfigurationChange } from '../raft/configuration-change.js';
import type { Raft } from '../raft/raft.js';
import type { ConfigurationChanges } from './configuration-changes.js';
import type { Leadership } from './leadership.js';
import { configuredMembers } from './membership.js';
import type { MemberOptions } from './options.js';

type CareOptions = Pick<
  MemberOptions,
  'initialConfiguration' | 'limits' | 'logger' | 'storage' | 'onFatal'
>;

/** The parts of the member that looking after the members needs. */
export interface CareParts {
  readonly raft: Raft;
  readonly leadership: Pick<Leadership, 'appliedTerm'>;
  readonly configurationChanges: ConfigurationChanges;
}

/** It is given up after so many election timeouts, and begun again if it is still due. */
const stepElections = 5;

/**
 * What a leader does about the members by itself: it promotes a learner that has caught up, and
 * puts the addresses that the cluster began with into the log.
 */
export class MembershipCare {
  readonly #options: CareOptions;
  readonly #parts: CareParts;
  #isBusy = false;

  constructor(options: CareOptions, parts: CareParts) {
    this.#options = options;
    this.#parts = parts;
  }

  tick(): void {
    if (this.#isBusy || this.#parts.leadership.appliedTerm === undefined) return;
    const step = this.#untold() ?? this.#promotion();
    if (step !== undefined) this.#begin(step);
  }

  /** From then on nobody goes by --initial-cluster any more. */
  #untold(): ConfigurationChange | undefined {
    const { raft } = this.#parts;
    const { initialConfiguration, storage } = this.#options;
    const { addresses } = initialConfiguration;
    const isTold = raft.configurationIndex > 0 && raft.configuration.addresses !== undefined;
    if (isTold || addresses === undefined) return undefined;
    return { type: 'update', member: storage.start.identity.memberId, addresses };
  }

  #promotion(): ConfigurationChange | undefined {
    const { raft } = this.#parts;
    if (raft.configuration.learners.length === 0) return undefined;
    const due = configuredMembers(raft.configuration).find(
      ({ memberId, isLearner, staysLearner, peerUrls }) =>
        isLearner && !staysLearner && peerUrls.length > 0 && raft.hasCaughtUp(memberId),
    );
    return due && { type: 'promote', member: due.memberId };
  }

  #begin(step: ConfigurationChange): void {
    this.#isBusy = true;
    const timeoutMs = stepElections * this.#options.limits.electionTimeoutMs;
    this.#parts.configurationChanges.run(step, timeoutMs).then(({ ok }) => {
      this.#isBusy = false;
      if (ok && step.type === 'promote') this.#tellPromoted(step.member);
    }, this.#options.onFatal);
  }

  #tellPromoted(member: MemberId): void {
    this.#options.logger.info({ member }, 'a learner has caught up, and votes from now on');
  }
}
