import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Command } from '../../src/command/command.js';
import type { CommandResult } from '../../src/command/command-result.js';
import type { Origin } from '../../src/command/envelope.js';
import type { KeyCommand } from '../../src/command/keys.js';
import type { MemberId } from '../../src/ids.js';
import { failed } from '../../src/store/part/outcome.js';
import { StateMachine } from '../../src/store/state-machine.js';
import type { HolderChange } from '../../src/view/holder-change.js';
import type { QueueEntryView } from '../../src/view/queue-entry.js';
import { acquire, cancelAcquire, register, release } from '../store/commands.js';
import { Actor, anyStep } from '../store/history.js';
import { Log, memberA, memberB } from '../store/log.js';
import { LockChecks, type LockState } from './lock-checks.js';
import { Violation } from './violation.js';

const noDrift = 0;
const usualLeftBehindMax = 256;

const fenced: KeyCommand = {
  type: 'set',
  path: '/fenced',
  value: '1',
  dir: false,
  refresh: false,
  ttlMs: undefined,
  fences: [{ space: 'lock', name: 'n0', index: 7 }],
};

function look(checks: LockChecks, result: CommandResult): void {
  const state = new StateMachine();
  const step = { command: fenced, result, state, now: 0, changesNothing: false, origin: undefined };
  checks.onApplied(step);
}

test('a fenced write of an earlier boot is void, and neither let through nor refused', () => {
  const checks = new LockChecks(noDrift, usualLeftBehindMax);
  look(checks, failed('raftInternal', 'the member was started anew since', 0));
  assert.equal(checks.fencedWrites, 0);
  assert.equal(checks.fencedRefusals, 0);
});

test('a fenced write that is let through while its queue entry does not hold is a violation', () => {
  const done: CommandResult = { type: 'done', etcdIndex: 1 };
  const checks = new LockChecks(noDrift, usualLeftBehindMax);
  assert.throws(() => look(checks, done), Violation);
});

/** A log whose every step is looked at, with a state machine that is right. */
class CheckedLog extends Log {
  readonly checks: LockChecks;
  readonly #known = new Set<string>();

  constructor(leftBehindMax: number) {
    super(new StateMachine({ leftBehindMax }));
    this.checks = new LockChecks(noDrift, leftBehindMax);
  }

  override apply(command: Command, origin?: Origin): CommandResult {
    const result = super.apply(command, origin);
    const key = `${origin?.memberId} ${origin?.boot} ${origin?.sequence}`;
    const changesNothing = origin !== undefined && this.#known.has(key);
    this.#known.add(key);
    const { machine: state, now } = this;
    this.checks.onApplied({ command, origin, result, state, now, changesNothing });
    return result;
  }
}

test('a cancel that names another lock takes nobody off, so the entry goes with its boot', () => {
  const log = new CheckedLog(usualLeftBehindMax);
  const actor = new Actor(log);
  const say = (command: Command) => actor.act({ type: 'command', member: memberA, command });
  say(acquire('door', 'holder'));
  say(acquire('door', 'waiter'));
  const index = log.machine.locks.queue('lock', 'door').at(-1)?.index ?? 0;
  say(cancelAcquire('hall', index, 2));
  actor.act({ type: 'boot', member: memberA });
  assert.equal(log.machine.locks.queue('lock', 'door').length, 1);
});

test('whatever a state machine does with locks and ended boots is accepted', () => {
  const steps = fc.array(anyStep, { maxLength: 200, size: 'max' });
  let grants = 0;
  fc.assert(
    fc.property(steps, fc.constantFrom(1, 2, usualLeftBehindMax), (all, leftBehindMax) => {
      const log = new CheckedLog(leftBehindMax);
      const actor = new Actor(log);
      for (const step of all) {
        // Whoever asks for a lock asks through a member.
        const isOwn = step.type === 'command' && step.member === undefined;
        actor.act(isOwn ? { ...step, member: memberA } : step);
      }
      log.settle();
      grants += log.checks.grants;
    }),
    { numRuns: 300 },
  );
  assert.ok(grants > 1000, `${grants} grants`);
});

/** Commands of two members on one lock, each with the queue that somebody tells it left. */
class Story {
  readonly #checks: LockChecks;
  readonly #sequences = new Map<string, number>();
  #etcdIndex = 0;
  #granted: HolderChange[] = [];
  #holders: readonly number[] = [];

  constructor(leftBehindMax: number) {
    this.#checks = new LockChecks(noDrift, leftBehindMax);
  }

  /**
   * @param queue the tokens, those that hold with a star: "1* 2". A grant is noted for each new
   *   one.
   */
  tell(memberId: MemberId, boot: number, command: Command, queue: string): void {
    this.#etcdIndex += 1;
    const entries = queue === '' ? [] : queue.split(' ').map(entryOf);
    const holders = entries.filter(({ holds }) => holds).map(({ index }) => index);
    for (const index of holders.filter((token) => !this.#holders.includes(token))) {
      const lock = { space: 'lock', name: 'job' } as const;
      const at = { at: this.#etcdIndex, clusterTimeMs: 0 };
      this.#granted.push({ ...lock, ...at, action: 'granted', index, value: '' });
    }
    this.#holders = holders;
    const sequence = (this.#sequences.get(`${memberId} ${boot}`) ?? 0) + 1;
    this.#sequences.set(`${memberId} ${boot}`, sequence);
    this.#checks.onApplied({
      command,
      origin: { memberId, boot, sequence, settledBelow: 1 },
      result: this.#resultOf(command, entries),
      state: this.#state(entries),
      now: 0,
      changesNothing: false,
    });
  }

  #resultOf({ type }: Command, entries: readonly QueueEntryView[]): CommandResult {
    const entry = entries.at(-1);
    if (type !== 'acquire' || entry === undefined) return { type: 'done', etcdIndex: 1 };
    return { type: 'queueEntry', etcdIndex: this.#etcdIndex, entry };
  }

  #state(entries: readonly QueueEntryView[]): LockState {
    const granted = this.#granted;
    return {
      etcdIndex: this.#etcdIndex,
      locks: {
        queue: (space) => (space === 'lock' ? entries : []),
        limit: () => 1,
        namesFrom: (space) => (space === 'lock' && entries.length > 0 ? ['job'] : []),
        holderChanges: (_space, _name, sinceIndex) => ({
          changes: granted.filter(({ at }) => at >= sinceIndex),
          oldestIndex: 1,
        }),
      },
    };
  }
}

function entryOf(told: string): QueueEntryView {
  const holds = told.endsWith('*');
  return {
    index: Number.parseInt(told, 10),
    value: '',
    ttlMs: 1000,
    holds,
    mode: 'exclusive',
    enteredAt: 0,
    grantedAt: holds ? 0 : undefined,
    expiresAt: undefined,
    client: undefined,
  };
}

/** One holds through a member that goes on, and others wait through one that then starts again. */
function storyOfEndedBoot(leftBehindMax: number, waiting: readonly string[]): Story {
  const story = new Story(leftBehindMax);
  story.tell(memberA, 1, acquire('job', ''), '1*');
  for (const queue of waiting) story.tell(memberB, 1, acquire('job', ''), queue);
  return story;
}

test('what an ended boot left behind may go some commands later', () => {
  const story = storyOfEndedBoot(1, ['1* 2', '1* 2 3']);
  story.tell(memberB, 2, register('b'), '1* 2');
  story.tell(memberA, 1, release('job', { index: 1 }), '');
});

test('what an ended boot left behind and stays for too long is a violation', () => {
  const story = storyOfEndedBoot(1, ['1* 2', '1* 2 3']);
  assert.throws(
    () => story.tell(memberB, 2, register('b'), '1* 2 3'),
    /2, 3 should be gone, at most 1 may be left/,
  );
});

test('a grant through a boot that is over is a violation', () => {
  const story = storyOfEndedBoot(1, ['1* 2', '1* 2 3', '1* 2 3 4']);
  story.tell(memberB, 2, register('b'), '1* 2 3');
  assert.throws(
    () => story.tell(memberA, 1, release('job', { index: 1 }), '2*'),
    /2 was granted through boots that are over/,
  );
});

test('nobody is granted past somebody whom an ended boot left behind', () => {
  const endedBoot = () => {
    const story = storyOfEndedBoot(1, ['1* 2']);
    story.tell(memberA, 1, acquire('job', ''), '1* 2 3');
    story.tell(memberB, 1, acquire('job', ''), '1* 2 3 4');
    story.tell(memberB, 1, acquire('job', ''), '1* 2 3 4 5');
    story.tell(memberB, 2, register('b'), '1* 2 3 4');
    return story;
  };
  endedBoot().tell(memberA, 1, release('job', { index: 1 }), '2 3');
  assert.throws(
    () => endedBoot().tell(memberA, 1, release('job', { index: 1 }), '2 3*'),
    /0 of them should hold/,
  );
});

test('an end of a boot that ends whom it told that they hold is a violation', () => {
  const story = new Story(usualLeftBehindMax);
  story.tell(memberA, 1, acquire('job', ''), '1*');
  assert.throws(() => story.tell(memberA, 2, register('a'), ''), /that ended the queue entry 1/);
});

test('an end of a boot ends whom it held on a connection', () => {
  const story = new Story(usualLeftBehindMax);
  story.tell(memberA, 1, acquire('job', '', { holdsConnection: true }), '1*');
  story.tell(memberA, 2, register('a'), '');
});

test('a client that leaves and takes another queue entry along is a violation', () => {
  const story = storyOfEndedBoot(usualLeftBehindMax, ['1* 2', '1* 2 3']);
  assert.throws(
    () => story.tell(memberB, 1, cancelAcquire('job', 2, 1), '1* 2'),
    /that ended the queue entry 3/,
  );
});
