import type { CommandResult } from '../../command/command-result.js';
import type { MemberId } from '../../ids.js';
import type { MembersView } from '../../view/members-view.js';
import type { RegisteredMember } from '../../view/registered-member.js';
import type { SessionsPart } from './sessions-part.js';

/** What readers see of the members and their commands. */
export class MembersReader implements MembersView {
  readonly #part: () => SessionsPart;

  /** @param part the current part: a snapshot replaces it. */
  constructor(part: () => SessionsPart) {
    this.#part = part;
  }

  /** In the order of their ids. */
  registered(): readonly RegisteredMember[] {
    return this.#part().table.registered();
  }

  /** The result of an applied command that is not settled. */
  resultOf(memberId: MemberId, boot: number, sequence: number): CommandResult | undefined {
    const session = this.#part().table.get(memberId);
    return session?.boot.number === boot ? session.results.get(sequence) : undefined;
  }
}
