import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { after, describe, test } from 'node:test';
import { type ConnectionOptions, connect as connectSecurely, type TLSSocket } from 'node:tls';
import { ConnectionLimit } from '../../../src/descriptors/connection-limit.js';
import { drain } from '../../../src/http/server/draining.js';
import { createHttpServer, defaultLimits } from '../../../src/http/server/http-server.js';
import type { SecureListening } from '../../../src/http/server/secure-server.js';
import { connectionOf } from '../../../src/service/tcp-table.js';
import { until } from '../../cluster/until.js';
import { ApiServer, silentLogger } from '../../support/api-server.js';
import { Authority, pemOf } from '../../support/certificates.js';
import { fill } from '../../support/fill.js';
import { exchange } from '../../support/raw-exchange.js';

const authority = new Authority();
after(() => authority[Symbol.dispose]());
const ca = readFileSync(authority.caFile, 'latin1');
const own = pemOf(authority.issue());
const client = pemOf(authority.issue({ commonName: 'a client', names: [] }));
const onReplaced = () => {};
const secure: SecureListening = {
  contextOptions: own,
  wantsCertificate: false,
  namesUsers: false,
  onReplaced,
};
const mutual: SecureListening = {
  contextOptions: { ...own, ca },
  wantsCertificate: true,
  namesUsers: false,
  onReplaced,
};

/** A connection, and all that came on it. */
class Talk {
  received = '';
  fault: NodeJS.ErrnoException | undefined;
  readonly socket: TLSSocket;

  constructor(port: number, options: ConnectionOptions = {}) {
    const known = { host: '127.0.0.1', port, ca, allowHalfOpen: true };
    const all: ConnectionOptions = { ...known, ...options };
    this.socket = connectSecurely(all);
    this.socket.setEncoding('utf8').on('data', (chunk: string) => {
      this.received += chunk;
    });
    this.socket.on('error', (error) => {
      this.fault = error;
    });
    this.socket.on('end', () => this.socket.end());
  }

  async closed(): Promise<string> {
    await until(() => this.socket.closed, 'the connection is closed');
    return this.received;
  }

  async got(pattern: RegExp): Promise<void> {
    await until(() => pattern.test(this.received), `it got ${pattern}`);
  }
}

function asked(method: string, path: string, tail = '\r\n'): string {
  return `${method} ${path} HTTP/1.1\r\nHost: x\r\n${tail}`;
}

const form = 'Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 7\r\n\r\nvalue=1';
const last = 'Connection: close\r\n\r\n';

describe('over TLS', () => {
  test('a request is answered, and the next one on the same connection', async () => {
    await using server = await ApiServer.start({}, {}, secure);
    const talk = new Talk(server.port);
    talk.socket.write(asked('PUT', '/v2/keys/a', form));
    await talk.got(/^HTTP\/1.1 201 [\s\S]*"action":"set"/);
    talk.socket.write(asked('GET', '/v2/keys/a', last));
    assert.match(await talk.closed(), /HTTP\/1.1 200 [\s\S]*"action":"get"/);
    assert.equal(talk.fault, undefined);
  });

  test('a client that closes its sending side is answered', async () => {
    await using server = await ApiServer.start({}, {}, secure);
    server.coordinator.hold();
    const talk = new Talk(server.port);
    talk.socket.end(asked('PUT', '/v2/keys/a', form) + asked('GET', '/v2/keys/a'));
    await until(() => server.coordinator.waiting === 1, 'the write waits');
    server.coordinator.resume();
    assert.match(await talk.closed(), /^HTTP\/1.1 201 .*"set".*HTTP\/1.1 200 .*"get"/s);
  });

  test('a long answer to such a client comes whole', async () => {
    await using server = await ApiServer.start({}, {}, secure);
    fill(server.coordinator, '/d', 2000);
    const talk = new Talk(server.port);
    talk.socket.end(asked('GET', '/v2/keys/?recursive=true'));
    assert.match(await talk.closed(), /^HTTP\/1.1 200 .*\}\}\n/s);
  });

  test('a client that closes its sending side ends its watch and its wait', async () => {
    await using server = await ApiServer.start({}, {}, secure);
    const holder = new Talk(server.port);
    holder.socket.write(asked('POST', '/mod/v2/lock/held?ttl=60'));
    await holder.got(/^HTTP\/1.1 200 /);
    for (const [method, path] of [
      ['GET', '/v2/keys/a?wait=true'],
      ['POST', '/mod/v2/lock/held?ttl=60'],
    ] as const) {
      const talk = new Talk(server.port);
      talk.socket.end(asked(method, path));
      await talk.closed();
      await until(() => server.coordinator.state.locks.totals('lock').waiting === 0, 'none waits');
      assert.equal(server.coordinator.state.keys.statistics().watchers, 0);
    }
    holder.socket.destroy();
  });

  test('a client that is gone leaves the queue', async () => {
    await using server = await ApiServer.start({}, {}, secure);
    const holder = new Talk(server.port);
    holder.socket.write(asked('POST', '/mod/v2/lock/held?ttl=60'));
    await holder.got(/^HTTP\/1.1 200 /);
    const waiter = new Talk(server.port);
    waiter.socket.write(asked('POST', '/mod/v2/lock/held?ttl=60'));
    const { locks } = server.coordinator.state;
    await until(() => locks.totals('lock').waiting === 1, 'it waits');
    waiter.socket.destroy();
    await until(() => locks.totals('lock').waiting === 0, 'it left');
    holder.socket.destroy();
  });

  test('a client that goes on sending after its last answer is not reset', async () => {
    await using server = await ApiServer.start({}, {}, secure);
    const before = 'PUT /v2/keys/before HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n';
    const ending =
      'PUT /v2/keys//last HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\n';
    const behind = `PUT /v2/keys/behind HTTP/1.1\r\nHost: x\r\nContent-Length: 60000\r\n\r\n${'x'.repeat(60_000)}`;
    const talk = new Talk(server.port);
    talk.socket.write(before.repeat(100) + ending);
    await talk.got(/HTTP\/1.1 301 /);
    talk.socket.write(behind.repeat(100));
    const statuses = [...(await talk.closed()).matchAll(/^HTTP\/1.1 (\d+)/gm)].map(([, s]) => s);
    assert.deepEqual(statuses, ['201', ...Array(99).fill('200'), '301']);
    assert.equal(talk.fault, undefined);
  });

  test('what is no request gets 400, and a slow sender 408', async () => {
    const limits = { headersTimeoutMs: 500, requestTimeoutMs: 500, checkIntervalMs: 50 };
    await using server = await ApiServer.start({}, limits, secure);
    const broken = new Talk(server.port);
    broken.socket.write('hello\r\n\r\n');
    assert.match(await broken.closed(), /^HTTP\/1.1 400 .*not well-formed/s);
    const slow = new Talk(server.port);
    slow.socket.write('GET /version HTTP/1.1\r\nHost:');
    assert.match(await slow.closed(), /^HTTP\/1.1 408 /);
  });

  test('an idle connection is closed, and probed, and found in the TCP table', async () => {
    await using server = await ApiServer.start({}, { keepAliveTimeoutMs: 300 }, secure);
    let seen: string | undefined;
    server.server.on('secureConnection', (socket: TLSSocket) => {
      seen = connectionOf(socket);
      assert.doesNotThrow(() => socket.setKeepAlive(true, 1000));
    });
    const talk = new Talk(server.port);
    talk.socket.write(asked('GET', '/version'));
    await talk.got(/200 OK/);
    assert.match(seen ?? '', /^[\dA-F]+:[\dA-F]{4} [\dA-F]+:[\dA-F]{4}$/);
    await talk.closed();
    assert.equal(talk.fault, undefined);
    await until(() => server.connections === 0, 'the server has closed it, too');
  });

  test('a client gets one more answer when the member stops', async () => {
    const server = createHttpServer((_, response) => response.end('served'), defaultLimits, secure);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const talk = new Talk(port);
    talk.socket.write(asked('GET', '/'));
    await talk.got(/Connection: keep-alive/);
    const drained = drain(server);
    await until(() => !server.listening, 'the server listens no more');
    talk.socket.write(asked('GET', '/'));
    assert.match(await talk.closed(), /Connection: close[\s\S]*served/);
    await drained;
  });

  test('the connections are counted and bounded from their first packet', async () => {
    const server = createHttpServer((_, response) => response.end('served'), defaultLimits, secure);
    const limit = new ConnectionLimit(2, 'clients', silentLogger);
    limit.bound(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const silent = connect(port, '127.0.0.1');
    const talk = new Talk(port);
    talk.socket.write(asked('GET', '/'));
    await talk.got(/200 OK/);
    assert.equal(limit.describe().used, 2);
    const third = connect(port, '127.0.0.1');
    await new Promise((resolve) => third.once('close', resolve));
    assert.equal(limit.describe().refused, 1);
    silent.destroy();
    talk.socket.destroy();
    await until(() => limit.describe().used === 0, 'all are closed');
    await new Promise((resolve) => server.close(resolve));
  });
});

describe('a port with TLS', () => {
  test('tells a client that asks in plain text', async () => {
    await using server = await ApiServer.start({}, {}, secure);
    const answer = await exchange(server.port, asked('GET', '/version'));
    assert.match(answer, /^HTTP\/1.1 400 Bad Request\r\n[\s\S]*"cause":"this port speaks TLS only/);
    assert.match(answer, /ask it by https:/);
  });

  test('takes a handshake that comes in small pieces', async () => {
    await using server = await ApiServer.start({}, {}, secure);
    const raw = connect({ port: server.port, host: '127.0.0.1', noDelay: true });
    const pieces = new Duplex({
      read: () => {},
      write: (bytes: Buffer, _encoding, done) => {
        for (let at = 0; at < bytes.length; at += 7) raw.write(bytes.subarray(at, at + 7));
        setImmediate(done);
      },
    });
    raw.on('data', (bytes) => pieces.push(bytes));
    const talk = new Talk(0, { socket: pieces, host: 'localhost', servername: 'localhost' });
    talk.socket.write(asked('GET', '/version'));
    await talk.got(/etcdserver/);
    raw.destroy();
  });

  test('closes what is neither, and goes on', async () => {
    await using server = await ApiServer.start({}, { handshakeTimeoutMs: 500 }, secure);
    for (const bytes of [
      '\x16\x03\x01\x00\x05hello',
      '\x00\x00\x00\x00',
      '\x16',
      '\xff'.repeat(70_000),
    ]) {
      const socket: Socket = connect(server.port, '127.0.0.1');
      socket.on('error', () => {});
      socket.resume().end(Buffer.from(bytes, 'latin1'));
      await until(() => socket.closed, 'it is closed');
    }
    await until(() => server.connections === 0, 'nothing is left');
    const talk = new Talk(server.port);
    talk.socket.write(asked('GET', '/version', last));
    assert.match(await talk.closed(), /200 OK/);
  });

  test('closes at once what a client gives up in the middle of a handshake', async () => {
    await using server = await ApiServer.start({}, { handshakeTimeoutMs: 60_000 }, secure);
    const distrustful = connectSecurely({ host: '127.0.0.1', port: server.port });
    distrustful.on('error', () => {});
    await until(() => distrustful.closed, 'the client has left');
    await until(() => server.connections === 0, 'nothing is left');
  });

  test('does not wait for ever for a handshake', async () => {
    await using server = await ApiServer.start({}, { handshakeTimeoutMs: 500 }, secure);
    const silent = connect(server.port, '127.0.0.1').resume();
    const begun = connect(server.port, '127.0.0.1').resume();
    for (const socket of [silent, begun]) socket.on('error', () => {});
    begun.write(Buffer.from('16030100c8', 'hex'));
    await until(() => silent.closed && begun.closed, 'both are closed', 20_000);
    await until(() => server.connections === 0, 'the server has closed them, too');
  });
});

describe('where clients have to show a certificate', () => {
  test('one of the authority is served', async () => {
    await using server = await ApiServer.start({}, {}, mutual);
    const talk = new Talk(server.port, client);
    talk.socket.write(asked('GET', '/version', last));
    assert.match(await talk.closed(), /200 OK/);
  });

  for (const [what, options] of [
    ['none', () => ({})],
    ['one of another authority', () => strangers()],
    ['one that has expired', () => pemOf(authority.issue({ isExpired: true }))],
  ] as const) {
    test(`${what} is refused`, async () => {
      await using server = await ApiServer.start({}, {}, mutual);
      const talk = new Talk(server.port, options());
      talk.socket.write(asked('PUT', '/v2/keys/a', form));
      assert.equal(await talk.closed(), '');
      assert.equal((await askedBy(server.port)).includes('"errorCode":100'), true);
    });
  }

  async function askedBy(port: number): Promise<string> {
    const talk = new Talk(port, client);
    talk.socket.write(asked('GET', '/v2/keys/a', last));
    return await talk.closed();
  }

  function strangers() {
    using other = new Authority();
    return pemOf(other.issue());
  }
});
