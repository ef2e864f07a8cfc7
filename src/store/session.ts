import type { RegisterCommand } from '../command/command.js';
import type { MemberId } from '../ids.js';
import { Heap } from './heap.js';
import type { Attachment } from './node.js';
import type { RememberedResults } from './remembered-results.js';

/** One start of a member, and the queue entries that are kept through it. */
export class Boot {
  readonly session: Session;
  readonly number: number;
  /** A later boot of the member has begun: nobody waits through this one any more. */
  isOver = false;
  /** That of the newest queue entry first. */
  readonly attachments = new Heap<Attachment>((a, b) => a.entry.index > b.entry.index);

  constructor(session: Session, number: number) {
    this.session = session;
    this.number = number;
  }
}

/** What is known of a member: what it said of itself, its present boot, and what it asked through that. */
export class Session {
  readonly memberId: MemberId;
  boot: Boot;
  /** Log index of its last command: it was alive then. */
  lastCommandIndex = 0;
  /** When this member applied that command, on its own clock. Not replicated. */
  heardAt = 0;
  /** Every sequence below is settled and forgotten. */
  settledBelow = 1;
  results: RememberedResults;
  /** The shortest TTL of those who wait through it: zero for none, undefined when it has to be found anew. */
  keepAliveTtlMs: number | undefined;
  registration: RegisterCommand | undefined;

  constructor(memberId: MemberId, boot: number, results: RememberedResults) {
    this.memberId = memberId;
    this.results = results;
    this.boot = new Boot(this, boot);
  }
}
