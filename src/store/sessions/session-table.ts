import type { CommandResult } from '../../command/command-result.js';
import type { Origin } from '../../command/envelope.js';
import type { RegisterCommand } from '../../command/members.js';
import type { MemberId } from '../../ids.js';
import type { RegisteredMember } from '../../view/registered-member.js';
import type { ApplyContext } from '../part/apply-context.js';
import { compareText } from '../part/text-order.js';
import { RememberedResults, resultsMax } from './remembered-results.js';
import { Boot, Session } from './session.js';

type Admission =
  | { readonly type: 'new'; readonly session: Session }
  /** The command has taken effect before, with this result. */
  | { readonly type: 'duplicate'; readonly result: CommandResult }
  /** The command must have no effect. */
  | { readonly type: 'void'; readonly why: string };

/**
 * The members' sessions. A command that is in the log twice takes effect once, because its result
 * is kept until the member says that it is settled (Raft dissertation, section 6.3).
 */
export class SessionTable {
  readonly #byMember = new Map<MemberId, Session>();
  readonly #resultUnitsMax: number;

  /** @param resultUnitsMax the length of the results that are kept for one member. */
  constructor(resultUnitsMax: number) {
    this.#resultUnitsMax = resultUnitsMax;
  }

  get all(): IterableIterator<Session> {
    return this.#byMember.values();
  }

  get(memberId: MemberId): Session | undefined {
    return this.#byMember.get(memberId);
  }

  open(memberId: MemberId, boot: number): Session {
    const session = new Session(memberId, boot, this.#newResults());
    this.#byMember.set(memberId, session);
    return session;
  }

  /** Nothing refers to a session any more. */
  clear(): void {
    this.#byMember.clear();
  }

  #newResults(): RememberedResults {
    return new RememberedResults(this.#resultUnitsMax);
  }

  /** The members that have registered, in the order of their ids. */
  registered(): readonly RegisteredMember[] {
    const members: RegisteredMember[] = [];
    for (const { memberId, registration } of this.#byMember.values()) {
      if (registration === undefined) continue;
      const { type: _, ...registered } = registration;
      members.push({ memberId, ...registered });
    }
    return members.sort((a, b) => compareText(a.memberId, b.memberId));
  }

  /** Whether the member has registered with another incarnation, that is, with another disk. */
  isImpostor(memberId: MemberId, { incarnation }: RegisterCommand): boolean {
    const known = this.#byMember.get(memberId)?.registration;
    return known !== undefined && known.incarnation !== incarnation;
  }

  admit(origin: Origin, context: ApplyContext): Admission {
    const { memberId, boot, sequence, settledBelow } = origin;
    const session = this.#byMember.get(memberId) ?? this.open(memberId, boot);
    if (boot < session.boot.number)
      return { type: 'void', why: 'the member was started anew since' };
    if (boot > session.boot.number) {
      this.#beginBoot(session, boot);
    }
    session.lastCommandIndex = context.index;
    session.heardAt = context.now;
    settle(session, settledBelow);
    const result = session.results.get(sequence);
    if (result !== undefined) return { type: 'duplicate', result };
    if (sequence < session.settledBelow)
      return { type: 'void', why: 'the command was settled before' };
    return { type: 'new', session };
  }

  #beginBoot(session: Session, boot: number): void {
    session.boot.isOver = true;
    session.boot.requests?.end();
    session.boot = new Boot(session, boot);
    session.settledBelow = 1;
    session.results = this.#newResults();
  }

  remember(session: Session, sequence: number, result: CommandResult): void {
    session.results.add(sequence, result);
    if (session.results.size <= resultsMax) return;
    const { oldest } = session.results;
    if (oldest !== undefined) settle(session, oldest + 1);
  }
}

function settle(session: Session, settledBelow: number): void {
  const from = session.settledBelow;
  if (settledBelow <= from) return;
  session.settledBelow = settledBelow;
  session.results.settle(from, settledBelow);
}
