import assert from 'node:assert/strict';
import test from 'node:test';
import type { NodeEvent } from '../../../src/command/event.js';
import { term } from '../../../src/ids.js';
import { remove, set } from '../commands.js';
import { Log } from '../log.js';

/**
 * The event that ends a key with a TTL of a second, half a second after this member applied the
 * key.
 */
function lastEventOf(end: Parameters<Log['apply']>[0]): NodeEvent | undefined {
  const log = Log.empty();
  log.apply(set('/a', 'x', { ttlMs: 1000 }));
  log.now = 500;
  let seen: NodeEvent | undefined;
  log.machine.keys.watch({
    path: '/a',
    recursive: false,
    stream: false,
    sinceIndex: 0,
    onEvent: (event) => {
      seen = event;
    },
    onCleared: () => assert.fail('nothing is cleared'),
  });
  log.apply(end);
  return seen;
}

test('a deletion shows what was left of the TTL', () => {
  assert.equal(lastEventOf(remove('/a'))?.prevNode?.ttl?.leftMs, 500);
});

test('an expiry shows that nothing was left, though this member applied the key late', () => {
  const expire = { type: 'expireKey', path: '/a', leaseRevision: 1 } as const;
  const event = lastEventOf({ ...expire, term: term(1) });
  assert.equal(event?.action, 'expire');
  assert.equal(event.prevNode?.ttl?.leftMs, 0);
});
