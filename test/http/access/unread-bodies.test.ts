import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { describe, test } from 'node:test';
import { until } from '../../cluster/until.js';
import { AuthServer, basic, passwords, type UserName } from './auth-server.js';

const readsOne = { kv: { read: ['/g'], write: [] } };
const readsAndWrites = { kv: { read: ['/g'], write: ['/g'] } };

/** A client that promises a body in chunks, which counts as a large one before any of it comes. */
class Promised implements Disposable {
  received = '';
  readonly #socket;

  constructor(server: AuthServer, request: string, user?: UserName) {
    this.#socket = connect(server.api.port, '127.0.0.1').setEncoding('utf8');
    this.#socket.on('data', (text) => {
      this.received += text;
    });
    const named = user && `Authorization: ${basic(user, passwords[user])}\r\n`;
    const form = 'Content-Type: application/x-www-form-urlencoded\r\n';
    this.#socket.write(`${request} HTTP/1.1\r\nHost: x\r\n${named ?? ''}${form}`);
    this.#socket.write('Transfer-Encoding: chunked\r\n\r\n');
  }

  send(body: string): void {
    this.#socket.write(`${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`);
  }

  [Symbol.dispose](): void {
    this.#socket.destroy();
  }
}

describe('who may not do it is refused before there is memory for the body', () => {
  const cases: readonly (readonly [string, object, UserName?])[] = [
    ['PUT /v2/keys/a', readsOne],
    ['POST /v2/keys/g', readsOne],
    ['DELETE /v2/keys/a?recursive=true', readsAndWrites],
    ['GET /v2/keys/a', readsOne],
    ['PUT /v2/keys/a', readsOne, 'nobody'],
    ['POST /mod/v2/lock/a', readsAndWrites],
    ['DELETE /mod/v2/lock/a', { lock: { acquire: ['a'] } }],
    ['GET /mod/v2/lock/a', readsAndWrites],
    ['GET /mod/v2/lock/', {}],
    ['PUT /mod/v2/leader/a', { lock: { acquire: ['a'] } }],
    ['POST /v2/admin/transfer-leadership', readsAndWrites],
    ['GET /v2/admin/backup', readsAndWrites],
  ];
  for (const [request, guest, user] of cases) {
    test(`${user ?? 'a guest'}: ${request}`, async () => {
      await using server = await AuthServer.start({}, guest);
      using client = new Promised(server, request, user);
      await until(() => client.received !== '', 'it is answered');
      assert.match(client.received, /^HTTP\/1.1 401 [\s\S]*Insufficient credentials/);
      assert.equal(server.api.service.context.bodyAdmission.describe().used, 0);
    });
  }
});

describe('who may do it by what only the body tells is served', () => {
  const cases: readonly (readonly [string, string, object])[] = [
    ['PUT /v2/keys/a', 'value=1', { kv: { write: ['/a'] } }],
    ['PUT /v2/keys/a?recursive=true', 'value=1&recursive=false', { kv: { write: ['/a'] } }],
    ['GET /v2/keys/d?recursive=true', 'recursive=false', { kv: { read: ['/d', '/d/*'] } }],
    ['GET /mod/v2/lock/', 'prefix=a', { lock: { read: ['a*'] } }],
    ['GET /mod/v2/lock/?prefix=b', 'prefix=a', { lock: { read: ['a*'] } }],
  ];
  for (const [request, body, guest] of cases) {
    test(`${request} with ${body}`, async () => {
      await using server = await AuthServer.start({}, guest);
      await server.askAs('root', 'PUT', '/v2/keys/d/a?value=1');
      using client = new Promised(server, request);
      const { bodyAdmission } = server.api.service.context;
      await until(() => bodyAdmission.describe().used > 0, 'its body is waited for');
      client.send(body);
      await until(() => client.received !== '', 'it is answered');
      assert.match(client.received, /^HTTP\/1.1 20[01] /);
    });
  }
});
