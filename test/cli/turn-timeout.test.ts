import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { until } from '../cluster/until.js';
import { OneMember } from './one-member.js';
import { ended, start } from './recorded-command.js';
import { ownerOf } from './turn-owner.js';

const skip = process.platform !== 'linux' && 'only Linux has abstract sockets';

test('the wait for the turn of a value takes its time from that for the lock', {
  skip,
}, async (context) => {
  const name = `turn-${process.pid}`;
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
  await Promise.race([once(call.stderr, 'data'), end.then(({ stderr }) => assert.fail(stderr))]);
  const toldAt = performance.now();
  await until(() => performance.now() > toldAt + 1000, 'a second has passed');
  owner.kill('SIGKILL');
  assert.equal((await end).code, 0);
  const [timeout] = timeouts;
  assert.ok(Number(timeout) < 60, `${timeout} s are left`);
});
