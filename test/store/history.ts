import fc from 'fast-check';
import type { Command } from '../../src/command/command.js';
import type { CommandResult } from '../../src/command/command-result.js';
import type { Origin } from '../../src/command/envelope.js';
import type { MemberId } from '../../src/ids.js';
import { defaultOptions, type StateMachineOptions } from '../../src/store/options.js';
import {
  acquire,
  cancelAcquire,
  compareAndDelete,
  compareAndSwap,
  create,
  createInOrder,
  register,
  release,
  remove,
  renew,
  set,
  update,
} from './commands.js';
import { type Log, memberA, memberB } from './log.js';

/** One thing that happens to a cluster. Few names and values, so that they meet. */
export type Step =
  | { readonly type: 'command'; readonly command: Command; readonly member: MemberId | undefined }
  /** A member repeats one of its commands. */
  | { readonly type: 'repeat'; readonly nth: number }
  | { readonly type: 'boot'; readonly member: MemberId }
  | { readonly type: 'pass'; readonly ms: number }
  /** The leader proposes what is due. */
  | { readonly type: 'expire' }
  /**
   * So many entries behind is from now on what the leader has applied when it stamps the next one.
   */
  | { readonly type: 'lag'; readonly entries: number };

const path = fc.constantFrom('/a', '/b', '/d/a', '/d/b', '/d/e/a', '/d/e', '/d', '/_h/a', '/a/x');
const value = fc.constantFrom('', 'x', 'y');
/** Some make an answer long enough to be forgotten. */
const keyValue = fc.constantFrom('', 'x', 'y', 'long'.repeat(80));
const ttlMs = fc.constantFrom(undefined, undefined, 50, 200);
const flag = fc.boolean();
const name = fc.constantFrom('job', 'job/sub', 'other');
const space = fc.constantFrom('lock' as const, 'leader' as const);
const exclusive = { mode: 'exclusive', limit: 1 } as const;
const shared = { mode: 'shared', limit: 1 } as const;
const pair = { mode: 'exclusive', limit: 2 } as const;
/** Mostly what goes together with the others who ask for that name; an election has one leader. */
const hold = fc.tuple(name, space, fc.nat(9)).map(([n, s, at]) => {
  if (s === 'leader') return { name: n, space: s, ...exclusive };
  const usual = n === 'job/sub' ? [pair, pair] : [exclusive, shared];
  return { name: n, space: s, ...([exclusive, shared, pair][at] ?? usual[at % 2] ?? exclusive) };
});
const fences = fc.array(fc.record({ space, name, index: fc.nat(60) }), {
  maxLength: 2,
  size: 'xsmall',
});
const holderTtlMs = fc.constantFrom(50, 200, 1000);
const someIndex = fc.option(fc.nat(60), { nil: undefined });
const prevIndex = fc.option(fc.nat(60), { nil: undefined });
const prevValue = fc.option(keyValue, { nil: undefined });
const onEntry = fc.record({
  space,
  index: someIndex,
  value: fc.option(value, { nil: undefined }),
});

export const anyKeyCommand: fc.Arbitrary<Command> = fc.oneof(
  fc
    .tuple(path, keyValue, ttlMs, flag, flag)
    .map(([p, v, ttl, dir, refresh]) => set(p, v, { ttlMs: ttl, dir: dir && !refresh, refresh })),
  fc.tuple(path, keyValue, fences).map(([p, v, asked]) => set(p, v, { fences: asked })),
  fc.tuple(path, fences).map(([p, asked]) => remove(p, { fences: asked })),
  fc
    .tuple(path, keyValue, ttlMs, flag)
    .map(([p, v, ttl, dir]) => create(p, v, { ttlMs: ttl, dir })),
  fc.tuple(path, keyValue, ttlMs).map(([p, v, ttl]) => createInOrder(p, v, { ttlMs: ttl })),
  fc
    .tuple(path, keyValue, ttlMs, flag)
    .map(([p, v, ttl, refresh]) => update(p, v, { ttlMs: ttl, refresh })),
  fc
    .tuple(path, keyValue, prevValue, prevIndex)
    .map(([p, v, pv, pi]) => compareAndSwap(p, v, { prevValue: pv, prevIndex: pi })),
  fc.tuple(path, flag, flag).map(([p, dir, recursive]) => remove(p, { dir, recursive })),
  fc.tuple(path, prevValue).map(([p, pv]) => compareAndDelete(p, { prevValue: pv })),
);

const client = fc.constantFrom(undefined, '10.0.0.7:51234');

export const anyLockCommand: fc.Arbitrary<Command> = fc.oneof(
  fc
    .tuple(
      hold,
      value,
      holderTtlMs,
      fc.record({ tryOnly: flag, holdsConnection: flag, keepsPlace: flag, client }),
    )
    .map(([asked, v, ttl, flags]) => acquire(asked.name, v, { ...asked, ...flags, ttlMs: ttl })),
  fc
    .tuple(hold, value, holderTtlMs)
    .map(([asked, v, ttl]) => acquire(asked.name, v, { ...asked, ttlMs: ttl })),
  fc
    .tuple(hold, value, holderTtlMs, fc.integer({ min: 1, max: 60 }))
    .map(([asked, v, ttl, index]) => acquire(asked.name, v, { ...asked, ttlMs: ttl, index })),
  fc.tuple(name, onEntry, holderTtlMs).map(([n, entry, ttl]) => renew(n, { ...entry, ttlMs: ttl })),
  fc.tuple(name, onEntry, flag).map(([n, entry, forced]) => release(n, { ...entry, forced })),
  fc
    .tuple(name, fc.nat(60), fc.nat(20), fc.tuple(flag, flag), fc.record({ space, givesUp: flag }))
    .map(([n, index, sequence, keep, told]) => ({
      ...cancelAcquire(n, index, sequence, ...keep),
      ...told,
    })),
);

const member = fc.constantFrom(memberA, memberB);

/** Bounds that the replicated state depends on, so narrow that they are met, or as they are. */
export const anyBounds: fc.Arbitrary<Partial<StateMachineOptions>> = fc.record({
  leftBehindMax: fc.constantFrom(0, 1, defaultOptions.leftBehindMax),
  resultUnitsMax: fc.constantFrom(1500, defaultOptions.resultUnitsMax),
});

export const anyStep: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      type: fc.constant('command' as const),
      command: anyKeyCommand,
      member: fc.option(member, { nil: undefined }),
    }),
  },
  {
    weight: 8,
    arbitrary: fc.record({
      type: fc.constant('command' as const),
      command: fc.oneof(anyLockCommand, fc.constant({ type: 'keepAlive' } as const)),
      member: fc.option(member, { nil: undefined, freq: 8 }),
    }),
  },
  fc.record({ type: fc.constant('repeat' as const), nth: fc.nat(40) }),
  fc.record({ type: fc.constant('boot' as const), member }),
  fc.record({ type: fc.constant('pass' as const), ms: fc.nat(120) }),
  fc.record({ type: fc.constant('expire' as const) }),
  fc.record({ type: fc.constant('lag' as const), entries: fc.constantFrom(0, 1, 5, 40) }),
);

/** Carries steps out, and tells the members' sequences and boots apart as they do themselves. */
type OnResult = (origin: Origin | undefined, result: CommandResult, command: Command) => void;

export class Actor {
  readonly log: Log;
  readonly #boots = new Map<MemberId, number>();
  readonly #sequences = new Map<MemberId, number>();
  readonly #said: (() => void)[] = [];
  readonly #onResult: OnResult;

  constructor(log: Log, onResult: OnResult = () => undefined) {
    this.log = log;
    this.#onResult = onResult;
  }

  act(step: Step): void {
    switch (step.type) {
      case 'command':
        if (step.member === undefined) {
          this.#onResult(undefined, this.log.apply(step.command), step.command);
        } else this.#say(step.member, step.command);
        return;
      case 'repeat':
        this.#said[step.nth % Math.max(1, this.#said.length)]?.();
        return;
      case 'boot':
        this.#boots.set(step.member, this.#boot(step.member) + 1);
        this.#sequences.delete(step.member);
        this.#say(step.member, register(`disk of ${step.member}`));
        return;
      case 'pass':
        this.log.now += step.ms;
        this.log.clusterTimeMs += step.ms;
        return;
      case 'lag':
        this.log.lag = step.entries;
        return;
      default:
        this.#expire();
    }
  }

  #boot(memberId: MemberId): number {
    return this.#boots.get(memberId) ?? 1;
  }

  #say(memberId: MemberId, command: Command): void {
    const boot = this.#boot(memberId);
    const sequence = (this.#sequences.get(memberId) ?? 0) + 1;
    this.#sequences.set(memberId, sequence);
    const settledBelow = Math.max(1, sequence - 5);
    const origin = { memberId, boot, sequence, settledBelow };
    const say = () => this.#onResult(origin, this.log.apply(command, origin), command);
    this.#said.push(say);
    say();
  }

  #expire(): void {
    const { machine, now, term } = this.log;
    for (const command of machine.time.expired(now, machine.appliedTerm, 100)) {
      this.log.term = Math.max(term, machine.appliedTerm);
      this.log.apply(command);
    }
  }
}
