import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import type { Command } from '../../src/command/command.js';
import type { SetCommand } from '../../src/command/keys.js';
import type { AcquireCommand } from '../../src/command/locks.js';
import { MalformedError, NewerFormatError } from '../../src/encoding/format-error.js';
import {
  decodeEnvelope,
  encodeCommand,
  encodeEnvelope,
  originOf,
} from '../support/release-codec.js';
import { anyCommand, anyOrigin, anyStamp } from './arbitraries.js';

const stamp = { clusterTimeMs: 12, appliedIndex: 34 };

function set(changes: Partial<SetCommand>): SetCommand {
  const plain = { path: '/a', value: 'x', ttlMs: undefined, dir: false, refresh: false };
  return { type: 'set', fences: [], ...plain, ...changes };
}

function acquire(changes: Partial<AcquireCommand>): AcquireCommand {
  const plain = { space: 'lock', name: 'a', mode: 'exclusive', limit: 1 } as const;
  const flags = { tryOnly: false, holdsConnection: false };
  return { type: 'acquire', value: '', ttlMs: 1, ...flags, ...plain, ...changes };
}

function encoded(command: Command): Uint8Array {
  return encodeEnvelope(stamp, encodeCommand(undefined, command));
}

/** The result of decoding, or the error if it is one that decoding may throw. */
function attempt(bytes: Uint8Array): 'decoded' | 'refused' {
  try {
    decodeEnvelope(bytes);
    return 'decoded';
  } catch (error) {
    assert.ok(error instanceof MalformedError || error instanceof NewerFormatError, String(error));
    return 'refused';
  }
}

test('an envelope comes back as it was encoded', () => {
  fc.assert(
    fc.property(anyStamp, anyOrigin, anyCommand, (someStamp, origin, command) => {
      const decoded = decodeEnvelope(encodeEnvelope(someStamp, encodeCommand(origin, command)));
      assert.deepEqual(decoded, { stamp: someStamp, origin, command });
    }),
    { numRuns: 500 },
  );
});

test('bytes that are no Buffer open as well', () => {
  const plain = new Uint8Array(encoded(set({ value: 'é🙂' })));
  assert.deepEqual(decodeEnvelope(plain).command, set({ value: 'é🙂' }));
});

test('any bytes open or are refused with a typed error', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      attempt(bytes);
      attempt(new Uint8Array([1, 0, 0, 0, 0, 1, 0, ...bytes]));
    }),
    { numRuns: 2000 },
  );
});

test('an envelope with a changed byte opens or is refused with a typed error', () => {
  fc.assert(
    fc.property(anyOrigin, anyCommand, fc.nat(), fc.nat(255), (origin, command, at, byte) => {
      const bytes = Uint8Array.from(encodeEnvelope(stamp, encodeCommand(origin, command)));
      bytes[at % bytes.length] = byte;
      attempt(bytes);
    }),
    { numRuns: 2000 },
  );
});

test('an envelope that is cut anywhere is refused', () => {
  fc.assert(
    fc.property(anyOrigin, anyCommand, (origin, command) => {
      const bytes = encodeEnvelope(stamp, encodeCommand(origin, command));
      for (let length = 0; length < bytes.length; length += 1) {
        assert.equal(attempt(bytes.subarray(0, length)), 'refused');
      }
    }),
    { numRuns: 50 },
  );
});

test('bytes behind the command are refused', () => {
  assert.throws(() => decodeEnvelope(new Uint8Array([...encoded(set({})), 0])), MalformedError);
});

test('the first byte is the format version, and a newer one is refused by that name', () => {
  const newer = Uint8Array.from(encoded(set({})));
  newer[0] = 3;
  assert.throws(() => decodeEnvelope(newer), {
    name: 'NewerFormatError',
    message: /an entry has format 3; this release knows formats up to 2/,
  });
  newer[0] = 0;
  assert.throws(() => decodeEnvelope(newer), MalformedError);
});

test('a newer command in an envelope of this release is refused by that name', () => {
  const command = Uint8Array.from(encodeCommand(undefined, set({})));
  command[0] = 9;
  assert.throws(() => decodeEnvelope(encodeEnvelope(stamp, command)), NewerFormatError);
  assert.throws(() => originOf(command), NewerFormatError);
});

test('a list that claims more items than there are bytes is refused before it is read', () => {
  const register: Command = {
    type: 'register',
    incarnation: '',
    name: '',
    peerUrls: ['p'],
    clientUrls: [],
    version: '',
    formatVersionMax: 1,
  };
  const bytes = Uint8Array.from(encodeCommand(undefined, register));
  const lengthAt = bytes.indexOf('p'.charCodeAt(0)) - 2;
  const claimed = [0xff, 0xff, 0xff, 0xff, 0x0f];
  const forged = new Uint8Array([...bytes.subarray(0, lengthAt), ...claimed, 0]);
  assert.throws(() => originOf(forged), /a list is longer than its bytes/);
});

test('half a surrogate pair is refused: UTF-8 would bring it back as another text', () => {
  for (const value of ['\ud800', 'a\udc00b', '\udc00\ud800']) {
    assert.throws(() => encodeCommand(undefined, set({ value })), MalformedError);
    assert.throws(() => encodeCommand(undefined, set({ path: `/${value}` })), MalformedError);
  }
});

test('bytes that are no UTF-8 are read alike by everybody, as replacement characters', () => {
  const bytes = Uint8Array.from(encoded(set({ value: 'AB' })));
  bytes[bytes.indexOf(0x41)] = 0xff;
  assert.deepEqual(decodeEnvelope(bytes).command, set({ value: '\ufffdB' }));
});

test('what no member would apply is not encoded', () => {
  const unfit: readonly Command[] = [
    set({ path: 'a' }),
    set({ path: '/a/' }),
    set({ path: '/a//b' }),
    set({ path: '/a/../b' }),
    set({ path: '' }),
    set({ path: '/a'.repeat(257) }),
    set({ path: `/${'a'.repeat(70_000)}` }),
    set({ ttlMs: -1 }),
    set({ ttlMs: 0.5 }),
    set({ ttlMs: Number.NaN }),
    set({ ttlMs: 2 ** 53 }),
    acquire({ name: '' }),
    acquire({ name: '/a' }),
    acquire({ limit: 0 }),
    acquire({ limit: 10_001 }),
    acquire({ limit: 1.5 }),
    acquire({ limit: 2, mode: 'shared' }),
    acquire({ limit: 2, space: 'leader' }),
    acquire({ mode: 'shared', space: 'leader' }),
    set({ fences: [{ space: 'lock', name: '', index: 1 }] }),
    set({ fences: [{ space: 'lock', name: 'a', index: -1 }] }),
    { type: 'release', space: 'lock', name: `a/${'1'.repeat(20)}`, index: 1, value: undefined },
  ];
  for (const command of unfit) {
    assert.throws(() => encodeCommand(undefined, command), MalformedError, JSON.stringify(command));
  }
});

test('what no member would encode is not decoded either', () => {
  const bytes = Buffer.from(encoded(set({ path: '/a/b' })));
  bytes.write('/a//', bytes.indexOf('/a/b'));
  assert.throws(() => decodeEnvelope(bytes), /not a clean path/);
  const release: Command = {
    type: 'release',
    space: 'lock',
    name: 'a/b',
    index: 1,
    value: undefined,
  };
  const named = Buffer.from(encoded(release));
  named.write('a//', named.indexOf('a/b'));
  assert.throws(() => decodeEnvelope(named), /not a name of a lock/);
});
