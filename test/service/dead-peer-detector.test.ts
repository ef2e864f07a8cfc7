import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { connect, Socket } from 'node:net';
import { describe, test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { type Claim, DeadPeerDetector } from '../../src/service/dead-peer-detector.js';
import { connectionOf, type TcpTable } from '../../src/service/tcp-table.js';
import { ApiServer, silentLogger, until } from '../support/api-server.js';
import { ManualClock } from '../support/manual-clock.js';

/** One keep-alive connection, with the probe delays that the server set on it. */
class Observed implements AsyncDisposable {
  readonly server: ApiServer;
  /** In the order in which they were set, by the server. */
  readonly delays: readonly (number | undefined)[];
  received = '';
  readonly #client: Socket;
  readonly #restore: () => void;

  static async start(): Promise<Observed> {
    return new Observed(await ApiServer.start());
  }

  private constructor(server: ApiServer) {
    this.server = server;
    const original = Socket.prototype.setKeepAlive;
    const delays: (number | undefined)[] = [];
    Socket.prototype.setKeepAlive = function (enable, delay) {
      if (this.localPort === server.port) delays.push(enable === true ? delay : undefined);
      return original.call(this, enable, delay);
    };
    this.delays = delays;
    this.#restore = () => {
      Socket.prototype.setKeepAlive = original;
    };
    this.#client = connect(server.port, '127.0.0.1');
    this.#client.setEncoding('utf8').on('data', (chunk: string) => {
      this.received += chunk;
    });
  }

  ask(...requests: readonly string[]): void {
    const head = 'HTTP/1.1\r\nHost: here\r\nContent-Length: 0\r\n\r\n';
    this.#client.write(requests.map((request) => `${request} ${head}`).join(''));
  }

  get answers(): number {
    return this.received.split('HTTP/1.1 ').length - 1;
  }

  /** That all answers so far are this many, and that what follows them has been served, too. */
  async answered(count: number): Promise<void> {
    await until(() => this.answers === count);
    this.ask('GET /version');
    await until(() => this.answers === count + 1);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#client.destroy();
    await this.server[Symbol.asyncDispose]();
    this.#restore();
  }
}

const kinds = [
  { space: 'lock', take: 'POST /mod/v2/lock/door?value=' },
  { space: 'leader', take: 'PUT /mod/v2/leader/door?name=' },
] as const;

for (const { space, take } of kinds) {
  const [method = '', path = ''] = take.split(' ');

  describe(`${method} of a ${space}`, () => {
    const taken = async () => {
      const observed = await Observed.start();
      const { server } = observed;
      await server.ask(method, `${path}holder&ttl=60`);
      const queueLength = () => server.coordinator.stateMachine.locks.queue(space, 'door').length;
      const release = async () => {
        const key = space === 'lock' ? 'value' : 'name';
        await server.ask('DELETE', `/mod/v2/${space}/door?${key}=holder`);
      };
      return { observed, queueLength, release };
    };

    test('that waits with a short TTL has TCP probe after one second, until it is answered', async () => {
      const { observed, queueLength, release } = await taken();
      await using _ = observed;
      observed.ask(`${take}waiter&ttl=16`);
      await until(() => queueLength() === 2);
      assert.deepEqual(observed.delays, [1000]);
      await release();
      await observed.answered(1);
      assert.deepEqual(observed.delays, [1000, 5000]);
    });

    test('that ends without the lock sets the usual delay, too', async () => {
      const { observed, queueLength } = await taken();
      await using _ = observed;
      observed.ask(`${take}waiter&ttl=3&timeout=5`);
      await until(() => queueLength() === 2);
      assert.deepEqual(observed.delays, [1000]);
      observed.server.clock.advance(5000);
      await observed.answered(1);
      assert.match(observed.received, /^HTTP\/1.1 409 /);
      assert.deepEqual(observed.delays, [1000, 5000]);
    });

    test('that holds by its connection has TCP probe sooner until the answer ends', async () => {
      await using observed = await Observed.start();
      observed.ask(`${take}holder&ttl=5&hold=connection&timeout=0`);
      await until(() => observed.received.endsWith('\r\n\r\n2\r\n1\n\r\n'));
      assert.deepEqual(observed.delays, [1000]);
      const key = space === 'lock' ? 'value' : 'name';
      await observed.server.ask('DELETE', `/mod/v2/${space}/door?${key}=holder`);
      await observed.answered(1);
      assert.deepEqual(observed.delays, [1000, 5000]);
    });

    test('is not probed sooner for a TTL that is longer than the usual time', async () => {
      const { observed, queueLength, release } = await taken();
      await using _ = observed;
      observed.ask(`${take}waiter&ttl=17`);
      await until(() => queueLength() === 2);
      await release();
      await observed.answered(1);
      assert.deepEqual(observed.delays, []);
    });

    test('that tries once is not probed sooner', async () => {
      const { observed } = await taken();
      await using _ = observed;
      observed.ask(`${take}waiter&ttl=5&timeout=0`);
      await observed.answered(1);
      assert.deepEqual(observed.delays, []);
    });

    test('that follows another on its connection is probed as soon as that one was', async () => {
      const { observed, queueLength, release } = await taken();
      await using _ = observed;
      observed.ask(`${take}first&ttl=5`, `${take}second&ttl=5`);
      await until(() => queueLength() === 2);
      await release();
      await until(() => observed.answers === 1 && queueLength() === 2);
      assert.equal(observed.delays.at(-1), 1000);
    });
  });
}

test('a client that watches a key is not probed sooner', async () => {
  await using observed = await Observed.start();
  observed.ask('GET /v2/keys/door?wait=true');
  await until(() => observed.server.coordinator.state.keys.statistics().watchers === 1);
  await observed.server.ask('PUT', '/v2/keys/door', 'value=open');
  await observed.answered(1);
  assert.deepEqual(observed.delays, []);
});

const plain = { holdsConnection: false, hasProgress: false };

/** A connection, with a TCP table that the test writes. */
class Watched {
  readonly clock = new ManualClock(0);
  readonly warnings: string[] = [];
  readonly socket = new Socket();
  readonly response = new EventEmitter();
  readonly #detector: DeadPeerDetector;
  #reads = 0;
  readTable: () => Promise<TcpTable | undefined> = async () => new Map();

  constructor(claim: Claim) {
    const ends = { localAddress: '10.0.0.1', localPort: 4001 };
    Object.defineProperties(
      this.socket,
      Object.getOwnPropertyDescriptors({ ...ends, remoteAddress: '10.0.0.2', remotePort: 5001 }),
    );
    const readTable = () => {
      this.#reads += 1;
      return this.readTable();
    };
    const warn = (_: object, message: string) => this.warnings.push(message);
    this.#detector = new DeadPeerDetector(this.clock, readTable, { ...silentLogger, warn });
    this.claim(claim);
  }

  claim(claim: Claim, response = this.response): void {
    this.#detector.detectDeadPeer(claim, this.socket, response);
  }

  leaveUnanswered(
    unacknowledgedBytes: number,
    unansweredProbes: number,
    retransmissions = 0,
  ): void {
    const connection = connectionOf(this.socket) ?? '';
    const unanswered = { unacknowledgedBytes, retransmissions, unansweredProbes };
    this.readTable = async () => new Map([[connection, unanswered]]);
  }

  /** Resolves with how often the table was read meanwhile. */
  async pass(seconds: number): Promise<number> {
    const before = this.#reads;
    for (let second = 0; second < seconds; second += 1) {
      this.clock.advance(1000);
      await setImmediate();
    }
    return this.#reads - before;
  }
}

describe('a silent client that waits for a lock', () => {
  test('is disconnected at two unanswered probes less than its TTL has seconds', async () => {
    const watched = new Watched({ ...plain, ttlMs: 7000 });
    watched.leaveUnanswered(0, 4);
    await watched.pass(3);
    assert.equal(watched.socket.destroyed, false);
    watched.leaveUnanswered(0, 5);
    await watched.pass(1);
    assert.equal(watched.socket.destroyed, true);
  });

  test('is given two probes, however short its TTL: one may be under way', async () => {
    const watched = new Watched({ ...plain, ttlMs: 1000 });
    watched.leaveUnanswered(0, 1);
    await watched.pass(10);
    assert.equal(watched.socket.destroyed, false);
    watched.leaveUnanswered(0, 2);
    await watched.pass(1);
    assert.equal(watched.socket.destroyed, true);
  });

  test('is left to TCP keep-alive when its TTL is long enough for that', async () => {
    const watched = new Watched({ ...plain, ttlMs: 12_000 });
    watched.leaveUnanswered(100, 0);
    assert.equal(await watched.pass(20), 0);
    assert.equal(watched.socket.destroyed, false);
  });

  test('is no longer polled when it was answered', async () => {
    const watched = new Watched({ ...plain, ttlMs: 5000 });
    assert.equal(await watched.pass(2), 2);
    watched.response.emit('close');
    await watched.pass(1);
    watched.leaveUnanswered(100, 10);
    assert.equal(await watched.pass(5), 0);
    assert.equal(watched.socket.destroyed, false);
  });

  test('is left to TCP keep-alive where there is no TCP table', async () => {
    const watched = new Watched({ ...plain, ttlMs: 5000 });
    watched.readTable = async () => undefined;
    assert.equal(await watched.pass(5), 1);
    assert.deepEqual(watched.warnings, []);
  });

  test('is left to TCP keep-alive, with one warning, when the TCP table cannot be read', async () => {
    const claim = { ...plain, ttlMs: 5000 };
    const watched = new Watched(claim);
    watched.readTable = () => Promise.reject(new Error('EACCES'));
    watched.claim(claim);
    await watched.pass(5);
    assert.equal(watched.socket.destroyed, false);
    assert.deepEqual(watched.warnings, [
      'the TCP table cannot be read: only TCP keep-alive finds dead clients',
    ]);
  });

  test('is looked for again when the TCP table can be read again', async () => {
    const watched = new Watched({ ...plain, ttlMs: 7000 });
    watched.readTable = () => Promise.reject(new Error('EMFILE'));
    await watched.pass(2);
    watched.leaveUnanswered(0, 5);
    await watched.pass(1);
    assert.equal(watched.socket.destroyed, true);
  });
});

describe('a silent client that holds a lock by its connection', () => {
  test('is disconnected when it acknowledges nothing for two seconds less than its TTL', async () => {
    const watched = new Watched({ ...plain, ttlMs: 8000, holdsConnection: true });
    watched.leaveUnanswered(12, 0, 2);
    await watched.pass(5);
    assert.equal(watched.socket.destroyed, false);
    await watched.pass(1);
    assert.equal(watched.socket.destroyed, true);
  });

  test('is disconnected after ten seconds with the longest TTL, too', async () => {
    const watched = new Watched({ ...plain, ttlMs: 3_600_000, holdsConnection: true });
    watched.leaveUnanswered(12, 0, 2);
    await watched.pass(9);
    assert.equal(watched.socket.destroyed, false);
    await watched.pass(1);
    assert.equal(watched.socket.destroyed, true);
  });

  test('starts anew with each acknowledgement', async () => {
    const watched = new Watched({ ...plain, ttlMs: 8000, holdsConnection: true });
    for (let round = 0; round < 3; round += 1) {
      watched.leaveUnanswered(12, 0, 2);
      await watched.pass(5);
      watched.leaveUnanswered(0, 0);
      await watched.pass(1);
    }
    assert.equal(watched.socket.destroyed, false);
  });

  test('starts anew when what is unacknowledged has become less, or was sent again less often', async () => {
    for (const [bytes, retransmissions] of [
      [6, 2],
      [12, 1],
    ] as const) {
      const watched = new Watched({ ...plain, ttlMs: 8000, holdsConnection: true });
      watched.leaveUnanswered(12, 0, 2);
      await watched.pass(5);
      watched.leaveUnanswered(bytes, 0, retransmissions);
      await watched.pass(5);
      assert.equal(watched.socket.destroyed, false);
      await watched.pass(1);
      assert.equal(watched.socket.destroyed, true);
    }
  });
});

describe('a silent client that waits with progress and a long TTL', () => {
  const claim = { ...plain, ttlMs: 60_000, hasProgress: true };

  test('is disconnected after ten seconds without an acknowledgement', async () => {
    const watched = new Watched(claim);
    watched.leaveUnanswered(6, 0, 2);
    await watched.pass(9);
    assert.equal(watched.socket.destroyed, false);
    await watched.pass(1);
    assert.equal(watched.socket.destroyed, true);
  });

  test('is looked up every other second, so that thousands cost little', async () => {
    assert.equal(await new Watched(claim).pass(10), 5);
  });

  test('is looked up every second as long as somebody with a short TTL is', async () => {
    const watched = new Watched(claim);
    const answer = new EventEmitter();
    watched.claim({ ...plain, ttlMs: 5000 }, answer);
    assert.equal(await watched.pass(10), 10);
    answer.emit('close');
    assert.equal(await watched.pass(10), 5);
  });

  test('has the probes count that were unanswered before it was sent something', async () => {
    const watched = new Watched(claim);
    watched.leaveUnanswered(0, 6);
    await watched.pass(2);
    watched.leaveUnanswered(6, 6, 1);
    await watched.pass(2);
    assert.equal(watched.socket.destroyed, false);
    await watched.pass(2);
    assert.equal(watched.socket.destroyed, true);
  });
});

test('a client that acknowledges is not disconnected, though each poll finds bytes on their way', async () => {
  const watched = new Watched({ ...plain, ttlMs: 4000, holdsConnection: true });
  watched.leaveUnanswered(6, 0);
  await watched.pass(60);
  assert.equal(watched.socket.destroyed, false);
});
