import type { MemberId } from '../ids.js';
import type { Raft } from '../raft/raft.js';
import { failure, ok, type Result } from '../result.js';
import type { ForwardedMembersChange, MembersChangeResponse } from '../transport/transport.js';
import type { MembersChange, MembersRefusal } from '../view/members-change.js';
import type { ConfigurationChanges, MemberChangeRefusal } from './configuration-changes.js';
import type { Leadership, LeaderView } from './leadership.js';
import type { LeadershipTransfer } from './leadership-transfer.js';
import { stepFor } from './membership.js';
import type { MemberOptions } from './options.js';

type ChangeOptions = Pick<
  MemberOptions,
  'storage' | 'transport' | 'clock' | 'limits' | 'logger' | 'onFatal'
>;
type Outcome = Result<undefined, MembersRefusal>;

/** The parts of the member that changing the members needs. */
export interface MembershipParts {
  readonly raft: Raft;
  readonly leadership: Leadership;
  readonly leadershipTransfer: LeadershipTransfer;
  readonly configurationChanges: ConfigurationChanges;
}

/** A leader that is not ready, or busy with another change, is asked again so soon. */
const againMs = 100;
/** It has so many election timeouts for its answer. */
const answerElections = 2;

/** Changes of the members, asked of any member: the leader makes them. */
export class MembershipChanges {
  readonly #options: ChangeOptions;
  readonly #parts: MembershipParts;
  readonly #open = new Map<number, (outcome: Outcome) => void>();
  readonly #paused = new Set<() => void>();
  #asked = 0;
  #isClosed = false;

  constructor(options: ChangeOptions, parts: MembershipParts) {
    this.#options = options;
    this.#parts = parts;
  }

  /** Resolves when the change is committed, or certainly not made, or `timeoutMs` are over. */
  async run(change: MembersChange, timeoutMs: number): Promise<Outcome> {
    const { clock } = this.#options;
    const deadline = clock.now() + timeoutMs;
    let isOpen = false;
    for (;;) {
      const outcome = await this.#attempt(change, deadline - clock.now());
      if (outcome.ok) return outcome;
      const { reason } = outcome.error;
      if (isOpen && reason === doneBefore[change.type]) return ok(undefined);
      isOpen ||= reason === 'notConfirmed';
      if (!(await this.#mayTryAgain(reason, deadline))) {
        return isOpen ? refused('notConfirmed') : outcome;
      }
    }
  }

  /** After a pause, if another attempt may do better. */
  async #mayTryAgain(reason: MembersRefusal['reason'], deadline: number): Promise<boolean> {
    if (reason !== 'noLeader' && reason !== 'notConfirmed') return false;
    if (this.#isClosed || this.#options.clock.now() + againMs >= deadline) return false;
    await this.#pause();
    return !this.#isClosed;
  }

  /** A peer takes this member for the leader of the term in its request. */
  serve(from: MemberId, { change, id, boot, term }: ForwardedMembersChange): void {
    const { transport, limits, onFatal } = this.#options;
    const answer = (refusal: MembersRefusal | undefined) =>
      transport.respond(from, [{ type: 'membersChanged', id, boot, term, refusal }]);
    if (!this.#parts.leadership.leadsIn(term)) {
      answer({ reason: 'noLeader', missing: [] });
      return;
    }
    this.#here(change, answerElections * limits.electionTimeoutMs).then(
      (outcome) => answer(outcome.ok ? undefined : outcome.error),
      onFatal,
    );
  }

  onResponse({ id, refusal }: MembersChangeResponse): void {
    this.#open.get(id)?.(refusal === undefined ? ok(undefined) : failure(refusal));
  }

  /** The earlier leader may have made the change still, and does not answer any more. */
  onLeaderChange(): void {
    for (const end of [...this.#open.values()]) end(refused('notConfirmed'));
  }

  close(): void {
    this.#isClosed = true;
    for (const goOn of [...this.#paused]) goOn();
    this.onLeaderChange();
  }

  #attempt(change: MembersChange, timeoutMs: number): Promise<Outcome> {
    const { leader } = this.#parts.leadership;
    if (leader === undefined) return Promise.resolve(refused('noLeader'));
    return leader.isSelf ? this.#here(change, timeoutMs) : this.#ask(leader, change, timeoutMs);
  }

  /**
   * A leader hands over before it is removed, so that nothing waits for an election. It does so
   * only if it would make the change itself: it knows who is silent, and the next leader does not
   * yet.
   */
  async #here(change: MembersChange, timeoutMs: number): Promise<Outcome> {
    const { raft, leadershipTransfer, configurationChanges } = this.#parts;
    // What is not committed may be taken back, so nothing is refused because of it.
    if (raft.configurationIndex > raft.softState().commitIndex) return refused('noLeader');
    const step = stepFor(raft.configuration, change);
    if (!step.ok) return refused(step.error);
    const { memberId } = this.#options.storage.start.identity;
    if (change.type === 'remove' && change.memberId === memberId) {
      const refusal = raft.changeRefusal(step.value);
      if (refusal !== undefined) return failure(refusalOf(refusal));
      if (leadershipTransfer.begin(undefined)) return refused('noLeader');
    }
    const outcome = await configurationChanges.run(step.value, timeoutMs);
    if (!outcome.ok) return failure(refusalOf(outcome.error));
    this.#options.logger.info({ change }, 'changed the members');
    return ok(undefined);
  }

  #ask({ leaderId, term }: LeaderView, change: MembersChange, timeoutMs: number): Promise<Outcome> {
    const { storage, transport, clock, limits } = this.#options;
    this.#asked += 1;
    const id = this.#asked;
    return new Promise((resolve) => {
      const end = (outcome: Outcome) => {
        cancel();
        this.#open.delete(id);
        resolve(outcome);
      };
      const waitMs = Math.min(timeoutMs, answerElections * limits.electionTimeoutMs);
      const cancel = clock.after(waitMs, () => end(refused('notConfirmed')));
      this.#open.set(id, end);
      const { boot } = storage.start;
      transport.forward(leaderId, [{ type: 'changeMembers', id, boot, term, change }]);
    });
  }

  #pause(): Promise<void> {
    return new Promise((resolve) => {
      const goOn = () => {
        cancel();
        this.#paused.delete(goOn);
        resolve();
      };
      const cancel = this.#options.clock.after(againMs, goOn);
      this.#paused.add(goOn);
    });
  }
}

/** How a change is refused that an earlier attempt has made. */
const doneBefore = { add: 'exists', remove: 'removed', update: undefined } as const;

function refused(reason: MembersRefusal['reason']): Outcome {
  return failure({ reason, missing: [] });
}

/** Another change, a transfer and the first entry of a term end soon: then the leader is ready. */
function refusalOf(refusal: MemberChangeRefusal): MembersRefusal {
  switch (refusal.type) {
    case 'unsafe':
      return { reason: 'unsafe', missing: refusal.missing };
    case 'notLeader':
    case 'transferring':
    case 'notReady':
    case 'changeInProgress':
    case 'behind':
    case 'lost':
      return { reason: 'noLeader', missing: [] };
    default:
      return { reason: refusal.type, missing: [] };
  }
}
