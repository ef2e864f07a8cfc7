import type { RegisterCommand } from '../../command/command.js';
import type { MemberId } from '../../ids.js';
import { Heap } from '../heap.js';
import type { Attachment } from '../keys/node.js';
import type { RememberedResults } from './remembered-results.js';

/** One start of a member, and the queue entries that its requests keep. */
export class Boot {
  readonly session: Session;
  readonly number: number;
  /** A later boot of the member has begun, so the clients of this one are gone. */
  isOver = false;
  /** The attachment to the newest queue entry comes first. */
  readonly attachments = new Heap<Attachment>((a, b) => a.entry.index > b.entry.index);

  constructor(session: Session, number: number) {
    this.session = session;
    this.number = number;
  }
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
  /**
   * The shortest TTL of its waiting entries: zero for none, undefined when it has to be computed
   * again.
   */
  keepAliveTtlMs: number | undefined;
  registration: RegisterCommand | undefined;

  constructor(memberId: MemberId, boot: number, results: RememberedResults) {
    this.memberId = memberId;
    this.results = results;
    this.boot = new Boot(this, boot);
  }
}
