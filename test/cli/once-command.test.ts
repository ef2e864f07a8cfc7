import assert from 'node:assert/strict';
import { test } from 'node:test';
import { missing, OneMember } from './one-member.js';
import { ended, start } from './recorded-command.js';

const once = (member: OneMember, ...args: readonly string[]) =>
  start(['once', 'job', '--key', 'k', ...args, '--', 'echo', 'ran'], {
    CONCLAVE_ENDPOINTS: member.endpoint,
  });

/** A promise, and what resolves it. */
function gate(): { readonly opened: Promise<void>; readonly open: () => void } {
  let open: () => void = () => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open };
}

test('a command is not started when its lock is known to be lost', async () => {
  const lost = gate();
  await using member = await OneMember.start(async (request) => {
    if (request === 'PUT key begun') await lost.opened;
    // The answer to the record comes after that to the renewal.
    if (request === 'PUT lock') setTimeout(lost.open, 100);
    return request === 'PUT lock' ? missing : undefined;
  });
  const told = await ended(once(member, '--ttl', '1'));
  assert.deepEqual([told.code, told.stdout], [74, '']);
  assert.match(told.stderr, /^conclave: job: lost .* is gone; the command was not run\n/);
});
