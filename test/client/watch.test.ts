import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { settle } from '../support/settle.js';
import { type Asked, FakeMembers, FakeStream, isDown, refuses, says } from './fake-members.js';

function line(value: string, index: number): string {
  const node = { key: '/k', value, modifiedIndex: index, createdIndex: 1 };
  return `${JSON.stringify({ action: 'set', node })}\n`;
}

/** Reads a watch in the background, and shows each thing that it tells in one word. */
function follow<T>(told: AsyncIterable<T>, show: (each: T) => string) {
  const seen: string[] = [];
  const ended = (async () => {
    for await (const each of told) seen.push(show(each));
  })();
  return { seen, ended };
}

describe('a watch', () => {
  const watch = (members: FakeMembers, options = {}) =>
    follow(members.client.keys.watch('k', options), (told) =>
      told.type === 'resync' ? `resync ${told.node?.value}` : `${told.action} ${told.node.value}`,
    );

  test('tells each change, however its lines are cut', async () => {
    const stream = new FakeStream(3);
    const members = new FakeMembers((asked) => stream.response(asked));
    const { seen } = watch(members);
    await settle();
    const [first, second] = [line('one', 4), line('zwölf', 5)];
    for (const byte of [first + second.slice(0, 30), second.slice(30)]) {
      stream.send(byte);
      await settle();
    }
    assert.deepEqual(seen, ['set one', 'set zwölf']);
    assert.deepEqual(members.asked[0]?.form, { wait: 'true', stream: 'true', recursive: 'false' });
  });

  test('goes on at the next member after the last change that it told', async () => {
    const streams = [new FakeStream(3), new FakeStream(9)];
    const members = new FakeMembers((asked) => take(streams, asked, members.asked.length - 1));
    const { seen } = watch(members, { since: 2 });
    await settle();
    streams[0]?.send(line('one', 4) + line('cut', 5).slice(0, 20));
    await settle();
    streams[0]?.breakOff();
    await members.pass(500);
    streams[1]?.send(line('two', 5));
    await settle();
    assert.deepEqual(seen, ['set one', 'set two']);
    assert.deepEqual(
      members.asked.map(({ member, form }) => `${member} ${form['waitIndex']}`),
      ['a 2', 'b 5'],
    );
  });

  test('goes on where it began when nothing has changed yet', async () => {
    const streams = [new FakeStream(3), new FakeStream(9)];
    const members = new FakeMembers((asked) => take(streams, asked, members.asked.length - 1));
    watch(members);
    await settle();
    streams[0]?.end();
    await members.pass(500);
    assert.equal(members.asked[1]?.form['waitIndex'], '4');
  });

  test('leaves a member that is silent for thirty seconds: it may be cut off', async () => {
    const streams = [new FakeStream(3), new FakeStream(3)];
    const members = new FakeMembers((asked) => take(streams, asked, members.asked.length - 1));
    watch(members);
    await members.pass(29_000);
    streams[0]?.send(line('one', 4));
    await members.pass(29_900);
    assert.equal(members.asked.length, 1);
    await members.pass(500);
    assert.deepEqual(
      members.asked.map(({ member }) => member),
      ['a', 'b'],
    );
  });

  test('tells what is there now when the changes are forgotten, and goes on from there', async () => {
    const stream = new FakeStream(2000);
    const members = new FakeMembers((asked) => {
      if (asked.form['wait'] === undefined) return says(line('now', 1900), 2000);
      return asked.form['waitIndex'] === '2' ? refuses(400, 401) : stream.response(asked);
    });
    const { seen } = watch(members, { since: 2 });
    await members.pass(100);
    stream.send(line('later', 2001));
    await settle();
    assert.deepEqual(seen, ['resync now', 'set later']);
    assert.equal(members.asked.at(-1)?.form['waitIndex'], '2001');
  });

  test('tells that the key is gone when the changes are forgotten', async () => {
    const members = new FakeMembers((asked) => {
      if (asked.form['wait'] === undefined) return refuses(404, 100, 2000);
      return asked.form['waitIndex'] === '2'
        ? refuses(400, 401)
        : new FakeStream(1).response(asked);
    });
    const { seen } = watch(members, { since: 2 });
    await members.pass(100);
    assert.deepEqual(seen, ['resync undefined']);
    assert.equal(members.asked.at(-1)?.form['waitIndex'], '2001');
  });

  test('lasts through an hour without any member', async () => {
    const members = new FakeMembers(isDown);
    const { seen } = watch(members, { since: 2 });
    await members.pass(3_600_000);
    const stream = new FakeStream(3);
    members.answer((asked) => stream.response(asked));
    await members.pass(2000);
    stream.send(line('one', 2));
    await settle();
    assert.deepEqual(seen, ['set one']);
  });

  test('ends with the reason of its signal, and closes its connection', async () => {
    const stream = new FakeStream(3);
    const members = new FakeMembers((asked) => stream.response(asked));
    const stop = new AbortController();
    const { ended } = watch(members, { signal: stop.signal });
    await settle();
    const refused = assert.rejects(ended, { message: 'enough' });
    stop.abort(new Error('enough'));
    await refused;
    assert.equal(members.asked[0]?.signal.aborted, true);
    assert.equal(members.clock.timerCount, 0);
  });

  test('closes its connection when its reader leaves', async () => {
    const stream = new FakeStream(3);
    const members = new FakeMembers((asked) => stream.response(asked));
    const read = (async () => {
      for await (const _ of members.client.keys.watch('k')) break;
    })();
    await settle();
    stream.send(line('one', 4));
    await read;
    assert.equal(members.asked[0]?.signal.aborted, true);
    assert.equal(members.clock.timerCount, 0);
  });

  test('that is refused ends with the error', async () => {
    const members = new FakeMembers(() => refuses(400, 203));
    await assert.rejects(watch(members).ended, { errorCode: 203 });
  });
});

describe('an observer of an election', () => {
  const observe = (members: FakeMembers) =>
    follow(members.client.observe('billing'), ({ leader, token }) => `${leader} ${token}`);
  const state = (index: number, holders: readonly object[]) =>
    `event: state\nid: ${index}\ndata: ${JSON.stringify({ index, holders })}\n\n`;
  const change = (index: number, changes: readonly object[]) =>
    `event: change\nid: ${index}\ndata: ${JSON.stringify({ index, changes })}\n\n`;

  test('is told who leads, and every change', async () => {
    const stream = new FakeStream(3);
    const members = new FakeMembers((asked) => stream.response(asked));
    const { seen } = observe(members);
    await settle();
    stream.send(state(3, [{ index: 2, value: 'ann' }]));
    const released = { action: 'released', place: 2, value: 'ann' };
    const granted = { action: 'granted', place: 4, value: 'bob' };
    stream.send(`: still here\n\n${change(5, [released, granted])}`);
    stream.send(change(6, [{ action: 'expired', place: 4, value: 'bob' }]));
    await settle();
    assert.deepEqual(seen, ['ann 2', 'bob 4', 'undefined undefined']);
    const [asked] = members.asked;
    assert.equal(asked?.headers.get('accept'), 'text/event-stream');
    assert.equal(asked?.path, '/mod/v2/leader/billing');
  });

  test('goes on at the next member after the last step that it was told', async () => {
    const streams = [new FakeStream(3), new FakeStream(3)];
    const members = new FakeMembers((asked) => take(streams, asked, members.asked.length - 1));
    const { seen } = observe(members);
    await settle();
    streams[0]?.send(state(3, []));
    await settle();
    streams[0]?.breakOff();
    await members.pass(500);
    const gap = `event: gap\nid: 3\ndata: {"toldUpTo":3,"oldestIndex":9}\n\n`;
    streams[1]?.send(gap + state(9, [{ index: 8, value: 'bob' }]));
    await settle();
    assert.deepEqual(seen, ['undefined undefined', 'bob 8']);
    assert.deepEqual(
      members.asked.map(({ member, headers }) => [member, headers.get('last-event-id')]),
      [
        ['a', null],
        ['b', '3'],
      ],
    );
  });

  test('leaves a member that does not even say that it is there', async () => {
    const streams = [new FakeStream(3), new FakeStream(3)];
    const members = new FakeMembers((asked) => take(streams, asked, members.asked.length - 1));
    observe(members);
    await members.pass(20_000);
    streams[0]?.send(': still here\n\n');
    await members.pass(34_000);
    assert.equal(members.asked.length, 1);
    await members.pass(2000);
    assert.equal(members.asked.length, 2);
  });
});

async function take(streams: readonly FakeStream[], asked: Asked, at: number): Promise<Response> {
  const stream = streams[at];
  if (stream === undefined) throw new Error('nobody expected another request');
  return await stream.response(asked);
}
