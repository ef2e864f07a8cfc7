import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { acquireTurn, turnOf } from '../../src/cli/turn.js';
import { LockNotAcquiredError } from '../../src/client/index.js';
import { ConfigError } from '../../src/config/config-error.js';
import { until } from '../cluster/until.js';
import { OneMember } from './one-member.js';
import { ended, start } from './recorded-command.js';

const skip = process.platform !== 'linux' && 'only Linux has abstract sockets';
const source = fileURLToPath(new URL('../../src/cli/turn.ts', import.meta.url));

type Named = Parameters<typeof turnOf>;

/** A process that has the turn until it is killed. */
async function ownerOf(named: Named, context: TestContext) {
  const script = `const { acquireTurn, turnOf } = await import('${source}');
    const turn = turnOf(...${JSON.stringify(named)});
    for (const server of await acquireTurn(turn, 0, AbortSignal.any([]), console.log)) server.ref();
    console.log('has it');`;
  const args = ['--import', 'tsx', '--input-type=module', '-e', script];
  const owner = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  context.after(() => owner.kill('SIGKILL'));
  assert.equal(String(await once(owner.stdout, 'data')), 'has it\n');
  return owner;
}

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

  test('takes its time from that of the lock', async (context) => {
    const timeouts: (string | null)[] = [];
    await using member = await OneMember.start(async (request, form) => {
      if (request === 'POST lock') timeouts.push(form.get('timeout'));
      return undefined;
    });
    const owner = await ownerOf(['lock', name, 'timeout', [member.endpoint]], context);
    const call = start(['lock', name, '--value', 'timeout', '--timeout', '60', '--', 'true'], {
      CONCLAVE_ENDPOINTS: member.endpoint,
    });
    const end = ended(call);
    await once(call.stderr, 'data');
    const toldAt = performance.now();
    await until(() => performance.now() > toldAt + 1000, 'a second has passed');
    owner.kill('SIGKILL');
    assert.equal((await end).code, 0);
    const [timeout] = timeouts;
    assert.ok(Number(timeout) < 60, `${timeout} s are left`);
  });
});
