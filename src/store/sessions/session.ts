import type { RegisterCommand } from '../../command/members.js';
import type { MemberId } from '../../ids.js';
import type { RememberedResults } from './remembered-results.js';

/** What another part of the state keeps for the requests of a boot's clients. */
export interface BootRequests {
  /** How many things they keep. */
  readonly size: number;
  /** A later boot has begun, so the clients are gone. */
  end(): void;
}

/** One start of a member. */
export class Boot {
  readonly session: Session;
  readonly number: number;
  /** A later boot of the member has begun, so the clients of this one are gone. */
  isOver = false;
  requests: BootRequests | undefined;

  constructor(session: Session, number: number) {
    this.session = session;
    this.number = number;
  }
}

/** The session and the sequence of a member's command. */
export interface Asker {
  readonly session: Session;
  readonly sequence: number;
}

/** A member's registration, its current boot, and the results of that boot's commands. */
export class Session {
  readonly memberId: MemberId;
  boot: Boot;
  /** The log index of its last command, which shows that it was alive. */
  lastCommandIndex = 0;
  /** When this member applied that command, on its own clock. It is not replicated. */
  heardAt = 0;
  /** Every sequence below is settled and forgotten. */
  settledBelow = 1;
  results: RememberedResults;
  registration: RegisterCommand | undefined;

  constructor(memberId: MemberId, boot: number, results: RememberedResults) {
    this.memberId = memberId;
    this.results = results;
    this.boot = new Boot(this, boot);
  }
}
