import assert from 'node:assert/strict';
import type { Command } from '../../src/command/command.js';
import type {
  CommandError,
  CommandResult,
  QueueEntryResult,
} from '../../src/command/command-result.js';
import type { Origin } from '../../src/command/envelope.js';
import type { NodeEvent } from '../../src/command/event.js';
import { logIndex, type MemberId, memberId, term } from '../../src/ids.js';
import { type LogEntry, type Outcome, StateMachine } from '../../src/store/state-machine.js';
import { encodeCommand, encodeEnvelope } from '../support/release-codec.js';

export const memberA = memberId('000000000000000a');
export const memberB = memberId('000000000000000b');

/** A log that grows by one command at a time, each applied to one state machine at once. */
export class Log {
  readonly machine: StateMachine;
  readonly entries: LogEntry[] = [];
  /** On the machine's clock. */
  now = 0;
  term = 1;
  /** The stamp of the next entries. */
  clusterTimeMs = 0;
  /** Entries that the leader had appended and not yet applied when it stamps the next one. */
  lag = 0;
  readonly #sequences = new Map<string, number>();

  constructor(machine: StateMachine) {
    this.machine = machine;
  }

  static empty(): Log {
    return new Log(new StateMachine());
  }

  /** By the leader itself, or with an origin of the caller's choice. */
  apply(command: Command, origin?: Origin): CommandResult {
    return outcomeOf(this.append(command, origin)).result;
  }

  /** As a member's first boot would ask. */
  from(member: MemberId, command: Command, boot = 1): { result: CommandResult; sequence: number } {
    const key = `${member} ${boot}`;
    const sequence = (this.#sequences.get(key) ?? 0) + 1;
    this.#sequences.set(key, sequence);
    const origin = { memberId: member, boot, sequence, settledBelow: 1 };
    return { result: this.apply(command, origin), sequence };
  }

  /** Until nothing is due, and so nothing left of boots that are over. */
  settle(): void {
    for (;;) {
      const [due] = this.machine.time.expired(this.now, term(this.term), 1);
      if (due === undefined) return;
      this.apply(due);
    }
  }

  append(command: Command, origin?: Origin): Outcome | undefined {
    const stamp = {
      clusterTimeMs: this.clusterTimeMs,
      appliedIndex: Math.max(0, this.machine.appliedIndex - this.lag),
    };
    return this.appendEntry('command', encodeEnvelope(stamp, encodeCommand(origin, command)));
  }

  appendEntry(type: LogEntry['type'], data: Uint8Array): Outcome | undefined {
    const index = logIndex(this.machine.appliedIndex + 1);
    const entry = { index, term: term(this.term), type, data };
    this.entries.push(entry);
    return this.machine.apply(entry, this.now);
  }
}

/** The TTL that ends first ends at that time, and not before. */
export function assertFirstEndsAt(machine: StateMachine, at: number): void {
  assert.deepEqual(machine.time.expired(at - 1, machine.appliedTerm, 1), []);
  assert.equal(machine.time.expired(at, machine.appliedTerm, 1).length, 1);
}

export function outcomeOf(outcome: Outcome | undefined): Outcome {
  if (outcome === undefined) throw new Error('the entry carried no command');
  return outcome;
}

export function eventOf(result: CommandResult): NodeEvent {
  if (result.type !== 'event') throw new Error(`expected an event: ${JSON.stringify(result)}`);
  return result.event;
}

export function entryOf(result: CommandResult): QueueEntryResult {
  if (result.type !== 'queueEntry')
    throw new Error(`expected a queue entry: ${JSON.stringify(result)}`);
  return result.entry;
}

export function errorOf(result: CommandResult): CommandError {
  if (result.type !== 'error') throw new Error(`expected an error: ${JSON.stringify(result)}`);
  return result.error;
}
