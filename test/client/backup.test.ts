import assert from 'node:assert/strict';
import { test } from 'node:test';
import { UnavailableError } from '../../src/client/index.js';
import { breaks, FakeMembers, isDown, isSilent, refuses } from './fake-members.js';

async function textOf(bytes: AsyncIterable<Uint8Array>): Promise<string> {
  const parts: Uint8Array[] = [];
  for await (const part of bytes) parts.push(part);
  return Buffer.concat(parts).toString();
}

const file = async () => new Response('conclave backup');

test('a backup comes from the first member that can serve it', async () => {
  const members = new FakeMembers(({ member }) =>
    member === 'a' ? isDown() : member === 'b' ? refuses(503, 301) : file(),
  );
  const backup = members.client.backup();
  await members.pass(1000);
  assert.equal(await textOf(await backup), 'conclave backup');
  assert.deepEqual(
    members.takeAsked(),
    ['a', 'b', 'c'].map((member) => `${member} GET /v2/admin/backup`),
  );
});

test('a member that does not begin within five seconds is left', async () => {
  const members = new FakeMembers(({ member }) => (member === 'a' ? isSilent() : file()));
  const backup = members.client.backup();
  await members.pass(5000);
  assert.equal(await textOf(await backup), 'conclave backup');
});

test('a backup that breaks off ends early, and the next one comes from another member', async () => {
  const broken = async () =>
    new Response(
      new ReadableStream({
        start: (controller) => controller.enqueue(Buffer.from('conclave')),
        pull: (controller) => controller.error(new Error('reset')),
      }),
    );
  const members = new FakeMembers(({ member }) => (member === 'a' ? broken() : file()));
  assert.equal(await textOf(await members.client.backup()), 'conclave');
  assert.equal(await textOf(await members.client.backup()), 'conclave backup');
  assert.deepEqual(
    members.takeAsked(),
    ['a', 'b'].map((member) => `${member} GET /v2/admin/backup`),
  );
});

test('a member may be silent for minutes while it writes its snapshot, but not for ever', async () => {
  let end = () => {};
  const slow = async () =>
    new Response(
      new ReadableStream({
        start: (controller) => {
          controller.enqueue(Buffer.from('conclave backup\n'));
          end = () => controller.error(new Error('given up'));
        },
      }),
    );
  const members = new FakeMembers(slow);
  const backup = await members.client.backup();
  assert.equal((await backup.next()).value?.length, 16);
  const rest = backup.next();
  let isOver = false;
  void rest.then(() => {
    isOver = true;
  });
  await members.pass(299_000);
  assert.equal(isOver, false);
  members.asked[0]?.signal.addEventListener('abort', () => end());
  await members.pass(2000);
  assert.deepEqual(await rest, { done: true, value: undefined });
});

test('nobody who serves it is told', async () => {
  const members = new FakeMembers(() => breaks());
  const backup = members.client.backup();
  await Promise.all([assert.rejects(backup, UnavailableError), members.pass(11_000)]);
});
