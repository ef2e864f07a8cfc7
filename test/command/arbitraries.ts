import fc from 'fast-check';
import type { Command } from '../../src/command/command.js';
import type { Origin, Stamp } from '../../src/command/envelope.js';
import { adminKinds } from '../../src/command/permissions.js';
import { memberId, term } from '../../src/ids.js';

/** Of objects as literals make them: strict equality looks at the prototype, too. */
function record<T>(model: { [K in keyof T]: fc.Arbitrary<T[K]> }): fc.Arbitrary<T> {
  return fc.record(model, { noNullPrototype: true });
}

/** Any text that UTF-8 can hold. */
export const text = fc.string({ unit: 'binary', maxLength: 60 });
const uint = fc.maxSafeNat();
const optionalUint = fc.option(uint, { nil: undefined });
const optionalText = fc.option(text, { nil: undefined });

const segment = fc
  .string({ unit: 'binary', minLength: 1, maxLength: 8 })
  .filter((name) => !name.includes('/') && name !== '.' && name !== '..');
export const path = fc.array(segment, { maxLength: 5 }).map((segments) => `/${segments.join('/')}`);
const lockName = fc
  .array(segment, { minLength: 1, maxLength: 3 })
  .map((segments) => segments.join('/'));
const space = fc.constantFrom('lock' as const, 'leader' as const);
const member = fc
  .bigInt({ min: 0n, max: 2n ** 64n - 1n })
  .map((id) => memberId(id.toString(16).padStart(16, '0')));

const onLock = { space, name: lockName };
const fences = fc.array(record({ ...onLock, index: uint }), { maxLength: 2 });
const onKey = { path, fences };
const write = { ...onKey, ttlMs: optionalUint, value: text };
const onEntry = { ...onLock, index: optionalUint, value: optionalText };
const dir = fc.boolean();
const refresh = fc.boolean();
const maybe = fc.option(fc.boolean(), { nil: undefined });
const conditions = { prevValue: optionalText, prevIndex: optionalUint };

function command<T extends Command['type']>(
  type: T,
  fields: { [K in Exclude<keyof Extract<Command, { type: T }>, 'type'>]: fc.Arbitrary<unknown> },
): fc.Arbitrary<Command> {
  // The fields fit the type by the parameter's own type; fast-check's record can't carry that over.
  return record({ type: fc.constant(type), ...fields }) as unknown as fc.Arbitrary<Command>;
}

function asked(
  hold: {
    [K in 'space' | 'mode' | 'limit']: fc.Arbitrary<unknown>;
  },
): fc.Arbitrary<Command> {
  const flags = { tryOnly: fc.boolean(), holdsConnection: fc.boolean() };
  const optional = {
    index: fc.option(uint, { nil: undefined }),
    client: fc.option(text, { nil: undefined }),
    keepsPlace: maybe,
  };
  return command('acquire', {
    ...onLock,
    value: text,
    ttlMs: uint,
    ...optional,
    ...flags,
    ...hold,
  });
}

const roles = fc.array(text, { maxLength: 3 });
const authName = fc
  .string({ unit: 'grapheme-ascii', minLength: 1, maxLength: 8 })
  .filter((name) => !/[/:]/.test(name));
const someBytes = fc.uint8Array({ minLength: 1, maxLength: 40 }).map((bytes) => Buffer.from(bytes));
const password = record({
  cost: fc.constantFrom(2, 1024, 16_384),
  blockSize: fc.integer({ min: 1, max: 8 }),
  parallelization: fc.integer({ min: 1, max: 4 }),
  salt: someBytes,
  hash: someBytes,
});
const patterns = fc.array(fc.string({ minLength: 1, maxLength: 8 }), { maxLength: 3 });
const permissions = record({
  keyRead: patterns,
  keyWrite: patterns,
  lockAcquire: patterns,
  lockRelease: patterns,
  lockRead: patterns,
  electionAcquire: patterns,
  electionRelease: patterns,
  electionRead: patterns,
  admin: fc.subarray([...adminKinds]),
});
const someOf = <T>(one: fc.Arbitrary<T>) => fc.option(one, { nil: undefined });

export const anyCommand: fc.Arbitrary<Command> = fc.oneof(
  command('set', { ...write, dir, refresh }),
  command('create', { ...write, dir }),
  command('createInOrder', { ...write, dir }),
  command('update', { ...write, refresh }),
  command('compareAndSwap', { ...write, ...conditions, refresh }),
  command('delete', { ...onKey, dir, recursive: fc.boolean() }),
  command('compareAndDelete', { ...onKey, ...conditions }),
  asked({ space, mode: fc.constant('exclusive'), limit: fc.constant(1) }),
  asked({ space: fc.constant('lock'), mode: fc.constant('shared'), limit: fc.constant(1) }),
  asked({
    space: fc.constant('lock'),
    mode: fc.constant('exclusive'),
    limit: fc.integer({ min: 2, max: 10_000 }),
  }),
  command('renew', { ...onEntry, ttlMs: uint }),
  command('release', { ...onEntry, forced: fc.option(fc.boolean(), { nil: undefined }) }),
  command('cancelAcquire', {
    ...onLock,
    index: uint,
    acquireSequence: uint,
    keepIfHolder: fc.boolean(),
    keepForTtl: maybe,
    givesUp: maybe,
  }),
  command('register', {
    incarnation: text,
    name: text,
    peerUrls: fc.array(text, { maxLength: 3 }),
    clientUrls: fc.array(text, { maxLength: 3 }),
    version: text,
    formatVersionMax: uint,
  }),
  command('keepAlive', {}),
  command('raiseClusterVersion', {
    version: uint,
    members: fc.option(fc.array(member, { minLength: 1, maxLength: 3 }), { nil: undefined }),
  }),
  command('expireKey', { path, leaseRevision: uint, term: uint.map(term) }),
  command('expireWaiter', {
    ...onLock,
    index: uint,
    sessions: fc.array(record({ memberId: member, lastCommandIndex: uint }), { maxLength: 3 }),
    term: uint.map(term),
    keptAt: fc.option(uint, { nil: undefined }),
  }),
  command('advanceClock', {}),
  command('enableAuth', { enabled: fc.boolean() }),
  command('putUser', {
    name: authName,
    password: someOf(password),
    ...{ roles, grant: roles, revoke: roles },
  }),
  command('deleteUser', { name: authName }),
  command('putRole', {
    name: authName,
    permissions,
    ...{ grant: someOf(permissions), revoke: someOf(permissions) },
  }),
  command('deleteRole', { name: authName }),
);

const identity = someOf(record({ name: text, revision: someOf(uint) }));

export const anyOrigin: fc.Arbitrary<Origin | undefined> = fc.option(
  record({ memberId: member, boot: uint, sequence: uint, settledBelow: uint, identity }),
  { nil: undefined },
);

export const anyStamp: fc.Arbitrary<Stamp> = record({ clusterTimeMs: uint, appliedIndex: uint });
