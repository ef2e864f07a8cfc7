import type { RegisterCommand } from '../command/command.js';
import type { Result } from '../command/result.js';
import type { MemberId } from '../ids.js';
import type { Attachment } from './node.js';

/** What is known of a member: what it said of itself, its present boot, and who waits through it. */
export class Session {
  readonly memberId: MemberId;
  boot: number;
  /** Log index of its newest command: it was alive then. */
  renewal = 0;
  /** When this member applied that command, on its own clock. Not replicated. */
  heardAt = 0;
  /** Every sequence below is settled and forgotten. */
  settledBelow = 1;
  readonly results = new Map<number, Result>();
  readonly attachments = new Set<Attachment>();
  /** The shortest TTL of those who wait through it: zero for none, undefined when it has to be found anew. */
  attendance: number | undefined;
  registration: RegisterCommand | undefined;

  constructor(memberId: MemberId, boot: number) {
    this.memberId = memberId;
    this.boot = boot;
  }
}
