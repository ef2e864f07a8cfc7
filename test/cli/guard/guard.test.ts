import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { test } from 'node:test';
import { until } from '../../cluster/until.js';
import { OneMember } from '../one-member.js';
import { ended, start } from '../recorded-command.js';

/** As built: its process is started from its file. */
const built = new URL('../../../dist/cli/guard/guard.js', import.meta.url);
const { Guard }: typeof import('../../../src/cli/guard/guard.js') = await import(built.href);

const limit = { timeout: 20_000 };

test('a guard ends that is dismissed before it has begun to listen', limit, async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const guard = new Guard(1000, 'ignore');
  guard.keep([server]);
  guard.dismiss();
  assert.deepEqual(await guard.ended, { type: 'tooLate' });
  server.close();
});

const skip = process.platform !== 'linux' && 'only Linux has /proc';

test('a lock command whose guard dies before the lock is granted runs nothing, and ends', {
  ...limit,
  skip,
}, async (context) => {
  let grant: () => void = () => undefined;
  const granted = new Promise<undefined>((resolve) => {
    grant = () => resolve(undefined);
  });
  await using member = await OneMember.start(async (request) =>
    request === 'POST lock' ? await granted : undefined,
  );
  const call = start(['lock', 'job', '--', 'echo', 'ran'], { CONCLAVE_ENDPOINTS: member.endpoint });
  context.after(() => call.kill('SIGKILL'));
  const end = ended(call);
  await until(() => member.asked.includes('POST lock'), 'it waits for the lock');
  const guard = readFileSync(`/proc/${call.pid}/task/${call.pid}/children`, 'utf8').trim();
  process.kill(Number(guard), 'SIGKILL');
  // Its parent has asked for its exit code, and knows.
  await until(() => !existsSync(`/proc/${guard}`), 'the guard is gone');
  grant();
  const told = await end;
  assert.deepEqual([told.code, told.stdout], [74, '']);
  assert.equal(member.asked.at(-1), 'DELETE lock');
});
