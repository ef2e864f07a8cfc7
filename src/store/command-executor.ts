import type { Command } from '../command/command.js';
import type { CommandResult } from '../command/command-result.js';
import type { Origin } from '../command/envelope.js';
import type { ApplyContext } from './part/apply-context.js';
import { failed } from './part/outcome.js';
import type { SessionTable } from './sessions/session-table.js';
import type { StateParts } from './state-parts.js';

/** Applies commands. A member's command takes effect once, however often it is in the log. */
export class CommandExecutor {
  readonly #parts: StateParts;
  readonly #sessions: SessionTable;
  readonly #leftBehindMax: number;

  constructor(parts: StateParts, leftBehindMax: number) {
    this.#parts = parts;
    this.#sessions = parts.sessions.table;
    this.#leftBehindMax = leftBehindMax;
  }

  /** @param origin undefined for the leader's own commands. */
  run(command: Command, origin: Origin | undefined, context: ApplyContext): CommandResult {
    if (origin !== undefined) return this.#runOnce(command, origin, context);
    this.#parts.locks.dropEndedBoots(this.#leftBehindMax, context);
    return this.#parts.apply(command, undefined, context);
  }

  #runOnce(command: Command, origin: Origin, context: ApplyContext): CommandResult {
    const { memberId, sequence, identity } = origin;
    if (command.type === 'register' && this.#sessions.isImpostor(memberId, command)) {
      const cause = `member ${memberId} is known under another incarnation: its disk was replaced`;
      return failed('raftInternal', cause, this.#parts.events.etcdIndex);
    }
    const admission = this.#sessions.admit(origin, context);
    this.#parts.locks.dropEndedBoots(this.#leftBehindMax, context);
    if (admission.type === 'duplicate') return admission.result;
    if (admission.type === 'void')
      return failed('raftInternal', admission.why, this.#parts.events.etcdIndex);
    const { session } = admission;
    const result =
      this.#parts.auth.refusal(command, identity) ??
      this.#parts.apply(command, { session, sequence }, context);
    this.#sessions.remember(session, sequence, result);
    return result;
  }
}
