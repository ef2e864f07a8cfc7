import assert from 'node:assert/strict';
import { once } from 'node:events';
import { describe, test } from 'node:test';
import { acquireTurn, turnOf } from '../../src/cli/turn.js';
import { LockNotAcquiredError } from '../../src/client/index.js';
import { ConfigError } from '../../src/config/config-error.js';
import { type Named, ownerOf } from './turn-owner.js';

const skip = process.platform !== 'linux' && 'only Linux has abstract sockets';

/** Tries once. */
async function take(named: Named, tell: (line: string) => void = () => undefined) {
  const turn = turnOf(...named);
  assert.ok(turn !== undefined);
  return await acquireTurn(turn, 0, AbortSignal.any([]), tell);
}

const [one, two, three] = ['http://one:4001', 'http://two:4001', 'http://three:4001'] as const;

describe('the turn of a value on a host', { skip }, () => {
  const name = `turn-${process.pid}`;

  test('is one process’s until that is killed', async (context) => {
    const named: Named = ['lock', name, 'killed', [one]];
    const owner = await ownerOf(named, context);
    await assert.rejects(take(named), LockNotAcquiredError);
    owner.kill('SIGKILL');
    await once(owner, 'exit');
    const servers = await take(named);
    await assert.rejects(take(named), ConfigError, 'whoever has it does not wait for itself');
    for (const server of servers) server.close();
  });

  test('is that of another call with an endpoint in common', async (context) => {
    await ownerOf(['lock', name, 'endpoints', [two, three]], context);
    for (const endpoints of [
      [three, two],
      [one, two],
      ['HTTP://Three:4001/', one],
    ]) {
      await assert.rejects(take(['lock', name, 'endpoints', endpoints]), LockNotAcquiredError);
    }
  });

  test('is that of another call that writes the name of the lock otherwise', async (context) => {
    await ownerOf(['lock', `${name}/b`, 'names', [two]], context);
    for (const other of [`/${name}/b`, `${name}//b/`]) {
      await assert.rejects(take(['lock', other, 'names', [two]]), LockNotAcquiredError);
    }
  });

  test('is another in another cluster, and of another lock, value or kind', async (context) => {
    await ownerOf(['lock', name, 'others', [two]], context);
    const others: readonly Named[] = [
      ['lock', name, 'others', [one, one]],
      ['lock', `${name}/b`, 'others', [two]],
      ['lock', name, 'other', [two]],
      ['election', name, 'others', [two]],
    ];
    for (const named of others) for (const server of await take(named)) server.close();
  });
});
