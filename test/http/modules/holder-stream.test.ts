import assert from 'node:assert/strict';
import type { IncomingMessage } from 'node:http';
import { describe, test } from 'node:test';
import type { AcquireCommand } from '../../../src/command/locks.js';
import { holderChangesMax } from '../../../src/store/locks/holder-history.js';
import { ApiServer, until } from '../../support/api-server.js';
import { LocalCoordinator } from '../../support/local-coordinator.js';

const door = '/mod/v2/lock/door';
const accept = { Accept: 'text/event-stream' };

interface Told {
  readonly event: string;
  readonly id: number;
  readonly data: {
    readonly index?: number;
    readonly holders?: readonly { readonly value: string }[];
    readonly waiting?: number;
    readonly changes?: readonly { readonly action: string; readonly value: string }[];
  };
}

/** What a reader of the stream has received so far. */
class Reader {
  readonly #message: IncomingMessage;
  text = '';
  ended = false;

  constructor(message: IncomingMessage) {
    this.#message = message.setEncoding('utf8');
    this.#message.on('data', (chunk: string) => {
      this.text += chunk;
    });
    this.#message.on('close', () => {
      this.ended = true;
    });
  }

  static async open(
    server: ApiServer,
    headers: Readonly<Record<string, string>> = {},
    path = door,
  ): Promise<Reader> {
    const { head } = server.open({ method: 'GET', path, headers: { ...accept, ...headers } });
    const message = await head;
    assert.equal(message.statusCode, 200);
    assert.equal(message.headers['content-type'], 'text/event-stream');
    return new Reader(message);
  }

  get events(): readonly Told[] {
    return [...this.text.matchAll(/^event: (\w+)\nid: (\d+)\ndata: (.*)\n\n/gm)].map(
      ([, event = '', id, data = '']) => ({ event, id: Number(id), data: JSON.parse(data) }),
    );
  }

  async told(count: number): Promise<readonly Told[]> {
    await until(() => this.events.length >= count);
    return this.events;
  }

  get heartbeats(): number {
    return this.text.split(': heartbeat\n\n').length - 1;
  }
}

const take = (server: ApiServer, value: string, name = door) =>
  server.ask('POST', `${name}?ttl=60`, `value=${value}`);
const giveUp = (server: ApiServer, value: string) => server.ask('DELETE', door, `value=${value}`);
const changesOf = ({ data }: Told) =>
  data.changes?.map(({ action, value }) => `${action} ${value}`).join();

const lease: Omit<AcquireCommand, 'name'> = {
  type: 'acquire',
  space: 'lock',
  value: '',
  ttlMs: 60_000,
  tryOnly: false,
  mode: 'exclusive',
  limit: 1,
  holdsConnection: false,
};
const surrender = { type: 'release', space: 'lock', name: 'door', index: undefined } as const;

/** After so many changes of other locks, the earlier changes of this one are forgotten. */
function forgetChanges(coordinator: LocalCoordinator): void {
  for (let count = 0; count < holderChangesMax; count += 1) {
    coordinator.applyAs(undefined, { ...lease, name: `other${count}` });
  }
}

function copyState(from: LocalCoordinator, to: LocalCoordinator): void {
  const restorer = to.stateMachine.restorer(to.clock.now());
  const source = from.stateMachine.snapshot();
  for (let chunk = source.next(65_536); chunk !== undefined; chunk = source.next(65_536)) {
    restorer.push(chunk);
  }
  restorer.finish();
  restorer.install();
}

describe('a stream of who holds a lock', () => {
  test('begins with the present state', async () => {
    await using server = await ApiServer.start();
    await take(server, 'first');
    const [state] = await (await Reader.open(server)).told(1);
    assert.equal(state?.event, 'state');
    assert.deepEqual(
      state.data.holders?.map(({ value }) => value),
      ['first'],
    );
    assert.equal(state.id, state.data.index);
  });

  test('tells each change once, in the order of the log, and no renewal', async () => {
    await using server = await ApiServer.start();
    const reader = await Reader.open(server);
    await take(server, 'first');
    await take(server, 'first');
    const waiting = server.open({ method: 'POST', path: `${door}?ttl=60&value=second` });
    await until(() => server.coordinator.stateMachine.locks.queue('lock', 'door').length === 2);
    await giveUp(server, 'first');
    await waiting.head;
    await giveUp(server, 'second');
    const events = await reader.told(4);
    assert.deepEqual(events.map(changesOf), [
      undefined,
      'granted first',
      'released first,granted second',
      'released second',
    ]);
    const ids = events.map(({ id }) => id);
    assert.deepEqual(
      ids,
      [...new Set(ids)].sort((one, other) => one - other),
    );
  });

  test('is the same for an election', async () => {
    await using server = await ApiServer.start();
    const election = '/mod/v2/leader/door';
    const reader = await Reader.open(server, {}, election);
    await server.ask('PUT', `${election}?ttl=60&name=me`);
    const [, change] = await reader.told(2);
    assert.equal(change && changesOf(change), 'granted me');
  });

  test('goes on after any event, missing nothing and repeating nothing', async () => {
    await using server = await ApiServer.start();
    const whole = await Reader.open(server);
    for (const value of ['a', 'b', 'c']) {
      await take(server, value);
      await giveUp(server, value);
    }
    const events = await whole.told(7);
    for (const [position, { id }] of events.entries()) {
      const rest = await Reader.open(server, { 'Last-Event-ID': String(id) });
      assert.deepEqual(await rest.told(events.length - position - 1), events.slice(position + 1));
    }
    const last = events.at(-1)?.id ?? 0;
    const quiet = await Reader.open(server, { 'Last-Event-ID': String(last) });
    await take(server, 'd');
    const [next] = await quiet.told(1);
    assert.equal(next && changesOf(next), 'granted d');
  });

  test('begins at waitIndex, if there is one', async () => {
    await using server = await ApiServer.start();
    const { headers } = await server.ask('GET', door);
    await take(server, 'a');
    const since = Number(headers['x-etcd-index']) + 1;
    const reader = await Reader.open(server, {}, `${door}?waitIndex=${since}`);
    const [only] = await reader.told(1);
    assert.equal(only && changesOf(only), 'granted a');
  });

  test('tells a gap when it cannot resume, and then the present state', async () => {
    await using server = await ApiServer.start();
    const whole = await Reader.open(server);
    await take(server, 'a');
    const [, { id } = { id: 0 }] = await whole.told(2);
    await giveUp(server, 'a');
    forgetChanges(server.coordinator);
    const resumed = await Reader.open(server, { 'Last-Event-ID': String(id) });
    const [gap, state] = await resumed.told(2);
    assert.deepEqual([gap?.event, state?.event], ['gap', 'state']);
    assert.deepEqual(state?.data.holders, []);
    await take(server, 'b');
    const after = [(await whole.told(4)).at(-1), (await resumed.told(3)).at(-1)];
    for (const event of after) {
      assert.equal(
        event && changesOf(event),
        'granted b',
        'who was there all the time missed none',
      );
    }
  });

  test('lives on without a leader', async () => {
    await using server = await ApiServer.start();
    const reader = await Reader.open(server);
    await reader.told(1);
    server.coordinator.hasLeader = false;
    for (let beat = 1; beat <= 3; beat += 1) {
      server.clock.advance(15_000);
      await until(() => reader.heartbeats === beat);
    }
    assert.equal(reader.ended, false);
    server.coordinator.hasLeader = true;
    await take(server, 'a');
    await reader.told(2);
  });

  test('tells the changes that a snapshot brought', async () => {
    await using server = await ApiServer.start();
    const reader = await Reader.open(server);
    await take(server, 'a');
    await reader.told(2);
    const ahead = new LocalCoordinator(server.clock);
    copyState(server.coordinator, ahead);
    for (const value of ['x', 'y']) {
      ahead.applyAs(undefined, { ...lease, name: 'elsewhere', value });
    }
    copyState(ahead, server.coordinator);
    ahead.applyAs(undefined, { ...surrender, value: 'a' });
    ahead.applyAs(undefined, { ...lease, name: 'door', value: 'b' });
    copyState(ahead, server.coordinator);
    const events = await reader.told(4);
    assert.deepEqual(events.map(changesOf), [undefined, 'granted a', 'released a', 'granted b']);
  });

  test('tells a gap when a snapshot brought more changes than are remembered', async () => {
    await using server = await ApiServer.start();
    const reader = await Reader.open(server);
    await take(server, 'a');
    await reader.told(2);
    const ahead = new LocalCoordinator(server.clock);
    copyState(server.coordinator, ahead);
    ahead.applyAs(undefined, { ...surrender, value: 'a' });
    forgetChanges(ahead);
    ahead.applyAs(undefined, { ...lease, name: 'door', value: 'b' });
    copyState(ahead, server.coordinator);
    const [, , gap, state] = await reader.told(4);
    assert.deepEqual([gap?.event, state?.event], ['gap', 'state'], 'who released is forgotten');
    assert.deepEqual(
      state?.data.holders?.map(({ value }) => value),
      ['b'],
    );
  });

  test('ends with the API, and leaves neither timer nor listener behind', async () => {
    await using server = await ApiServer.start();
    const reader = await Reader.open(server);
    await reader.told(1);
    assert.equal(server.clock.timerCount, 1);
    await server.stopServing();
    await until(() => reader.ended);
    assert.equal(server.clock.timerCount, 0);
  });

  test('is freed when its reader leaves', async () => {
    await using server = await ApiServer.start();
    const opened = server.open({ method: 'GET', path: door, headers: accept });
    await opened.head;
    assert.equal(server.clock.timerCount, 1);
    opened.leave();
    await until(() => server.clock.timerCount === 0);
  });
});

for (const id of ['x', '-1', '1.5']) {
  test(`a stream cannot go on after "${id}"`, async () => {
    await using server = await ApiServer.start();
    const headers = { ...accept, 'Last-Event-ID': id };
    const answer = await server.askFor({ method: 'GET', path: door, headers });
    assert.deepEqual([answer.status, JSON.parse(answer.body).errorCode], [400, 203]);
  });
}

test('a stream of what is no lock is refused', async () => {
  await using server = await ApiServer.start();
  const answer = await server.askFor({ method: 'GET', path: `${door}/..`, headers: accept });
  assert.equal(answer.status, 400);
});
