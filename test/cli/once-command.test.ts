import assert from 'node:assert/strict';
import { once as nextOf } from 'node:events';
import { constants } from 'node:os';
import { describe, test } from 'node:test';
import { ApiServer } from '../support/api-server.js';
import { missing, OneMember } from './one-member.js';
import { ended, start, startTelling } from './recorded-command.js';

const argsOf = (...args: readonly string[]) =>
  ['once', 'job', '--key', 'k', ...args, '--', 'echo', 'ran'] as const;

const once = (member: OneMember, ...args: readonly string[]) =>
  start(argsOf(...args), { CONCLAVE_ENDPOINTS: member.endpoint });

/** A promise, and what resolves it. */
function gate(): { readonly opened: Promise<void>; readonly open: () => void } {
  let open: () => void = () => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open };
}

/** A member that answers to the record only when the client knows that its lock is lost. */
async function losingLock(): Promise<OneMember> {
  const lost = gate();
  return await OneMember.start(async (request) => {
    if (request === 'PUT key begun') await lost.opened;
    return request === 'PUT lock' ? { ...missing, onRead: lost.open } : undefined;
  });
}

/** The signal arrives before the member answers to the request. */
async function signalled(signal: NodeJS.Signals, during: string) {
  const [asked, held] = [gate(), gate()];
  const member = await OneMember.start(async (request) => {
    if (request !== during) return undefined;
    asked.open();
    await held.opened;
    return undefined;
  });
  const child = startTelling(argsOf(), { CONCLAVE_ENDPOINTS: member.endpoint });
  const end = ended(child);
  await asked.opened;
  const arrived = nextOf(child, 'message');
  child.kill(signal);
  await arrived;
  held.open();
  const told = await end;
  await member[Symbol.asyncDispose]();
  return { told, member };
}

test('a command is not started when its lock is known to be lost', async () => {
  await using member = await losingLock();
  const told = await ended(once(member, '--ttl', '1'));
  assert.deepEqual([told.code, told.stdout], [74, '']);
  assert.match(told.stderr, /^conclave: job: lost .* is gone; the command was not run\n/);
});

describe('conclave once leaves the run to others', () => {
  for (const signal of ['SIGINT', 'SIGUSR2'] as const) {
    test(`when ${signal} comes before the command is started`, async () => {
      const { told, member } = await signalled(signal, 'PUT key begun');
      assert.deepEqual([told.code, told.stdout], [128 + constants.signals[signal], '']);
      assert.equal(told.stderr, `conclave: job: stopped by ${signal}\n`);
      assert.equal(member.value, undefined);
      assert.deepEqual(member.asked.slice(-3), ['PUT key begun', 'DELETE key', 'DELETE lock']);
    });
  }

  test('when nobody knows whether it was written down that it has begun', async () => {
    const busy = { errorCode: 300, message: 'Raft Internal Error', cause: '', index: 7 };
    await using member = await OneMember.start(async (request) => {
      if (request !== 'PUT key begun') return undefined;
      member.value = '{"state":"begun"}';
      return { status: 503, body: JSON.stringify(busy) };
    });
    const told = await ended(once(member));
    assert.deepEqual([told.code, told.stdout, member.value], [69, '', undefined]);
  });

  test('when the lock is lost before the command is started', async () => {
    await using member = await losingLock();
    assert.equal((await ended(once(member, '--ttl', '1'))).code, 74);
    assert.equal(member.value, undefined);
  });

  test('with the record of the lost runner that it was to replace', async () => {
    const lost = '{"state":"begun","by":"other","at":"2030-01-01T00:00:00.000Z"}';
    await using member = await OneMember.start(async () => undefined);
    member.value = lost;
    const child = start(['once', 'job', '--key', 'k', '--retry', '--', 'no-such-command'], {
      CONCLAVE_ENDPOINTS: member.endpoint,
    });
    assert.equal((await ended(child)).code, 127);
    assert.equal(member.value, lost);
  });
});

test('a signal after the command has ended does not keep its result from the others', async () => {
  const { told, member } = await signalled('SIGINT', 'PUT key done');
  assert.deepEqual([told.code, told.stdout], [0, 'ran\n']);
  assert.match(member.value ?? '', /"state":"done"/);
});

test('the jobs backup, with the key db, and backup/db keep their results side by side', async () => {
  await using server = await ApiServer.start();
  for (const [name, key] of [
    ['backup', 'db'],
    ['backup/db', 'x'],
    ['backup/db', 'y/z'],
  ] as const) {
    const told = await ended(
      start(['once', name, '--key', key, '--', 'echo', 'ran'], {
        CONCLAVE_ENDPOINTS: `http://127.0.0.1:${server.port}`,
      }),
    );
    assert.deepEqual([told.code, told.stdout, told.stderr], [0, 'ran\n', '']);
  }
  const { body } = await server.ask('GET', '/v2/keys/_conclave/once?recursive=true&sorted=true');
  assert.deepEqual(
    [...body.matchAll(/"key":"([^"]*)","value"/g)].map(([, key]) => key),
    ['backup/db', 'backup%2Fdb/x', 'backup%2Fdb/y%2Fz'].map((path) => `/_conclave/once/${path}`),
  );
});

for (const key of ['.', '..']) {
  test(`the key "${key}", which no URL can say, is refused in one line`, async () => {
    const told = await ended(start(['once', 'job', '--key', key, '--', 'true']));
    assert.deepEqual([told.code, told.stderr], [2, `conclave: --key must not be "${key}"\n`]);
  });
}

test('a run that has begun is known without end, and its result for --keep', async () => {
  const ttls: string[] = [];
  await using member = await OneMember.start(async (request, form) => {
    if (request.startsWith('PUT key')) ttls.push(`${request}, ${form.get('ttl')}`);
    return undefined;
  });
  assert.equal((await ended(once(member, '--keep', '5'))).code, 0);
  member.value = '{"state":"begun","by":"other","at":"2030-01-01T00:00:00.000Z"}';
  assert.equal((await ended(once(member, '--keep', '5'))).code, 74);
  assert.deepEqual(ttls, ['PUT key begun, null', 'PUT key done, 5', 'PUT key lost, 5']);
});
