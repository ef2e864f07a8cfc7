import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { z } from 'zod';
import { openApi } from '../../src/http/openapi/document.js';
import { operations } from '../../src/http/openapi/operations.js';
import { schemas } from '../../src/http/openapi/schemas.js';
import { type Answer, ApiServer } from '../support/api-server.js';

type Json = Readonly<Record<string, unknown>>;

/** As of JSON Schema alone, and so that a field that is not told is a mistake. */
function strict(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(strict);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, each]) => [
    key,
    key === '$ref' ? String(each).replace('#/components/schemas/', '#/$defs/') : strict(each),
  ]);
  const isObject = 'type' in value && value.type === 'object' && 'properties' in value;
  return { ...Object.fromEntries(entries), ...(isObject ? { additionalProperties: false } : {}) };
}

function check(schema: unknown, value: unknown, what: string): void {
  const whole = { ...(strict(schema) as Json), $defs: strict(schemas) };
  const { success, error } = z.fromJSONSchema(whole as never).safeParse(value);
  assert.ok(success, `${what}: ${error === undefined ? '' : z.prettifyError(error)}`);
}

const json = { 'Content-Type': 'application/json' };

describe('/openapi.json', () => {
  let server: ApiServer;
  before(async () => {
    server = await ApiServer.start();
  });
  after(async () => {
    await server[Symbol.asyncDispose]();
  });

  test('is what a member serves', async () => {
    const { status, headers, body } = await server.ask('GET', '/openapi.json');
    assert.deepEqual([status, headers['content-type']], [200, 'application/json']);
    assert.deepEqual(JSON.parse(body), JSON.parse(JSON.stringify(openApi('1.2.3'))));
    assert.equal(JSON.parse(body).openapi, '3.1.0');
  });

  test('refers to schemas that are there, and tells something of every parameter', () => {
    const text = JSON.stringify(openApi('1.2.3'));
    const named = [...text.matchAll(/"\$ref":"#\/components\/schemas\/(\w+)"/g)];
    assert.ok(named.length > 20);
    for (const [, name = ''] of named) assert.ok(name in schemas, name);
    for (const { path, method, parameters, required } of operations) {
      for (const { name, description } of parameters) {
        assert.notEqual(description, '', `${name} of ${method} ${path}`);
      }
      const names = parameters.map(({ name }) => name);
      assert.ok(required.every((name) => names.includes(name)));
    }
  });

  test('has every page of docs/api.md, but for users and the dashboard', () => {
    const page = readFileSync(new URL('../../docs/api.md', import.meta.url), 'utf8');
    const [, table = ''] =
      /\| path \| answer \|\n\| --- \| --- \|\n([\s\S]*?)\n\n/.exec(page) ?? [];
    const paths = table.split('\n').flatMap((line) => {
      const [, first = ''] = line.split(' | ', 1)[0]?.split('| ') ?? [];
      return [...first.matchAll(/`([^`]+)`/g)].map(([, path = '']) => path);
    });
    const others = /^\/v2\/auth\/|\/CHECK$|^\/mod\/dashboard\/$|^\/openapi\.json$/;
    const known = operations.flatMap(({ method, path }) => [
      path,
      `${method.toUpperCase()} ${path}`,
    ]);
    assert.deepEqual(
      paths.filter((path) => !(others.test(path) || known.includes(path))),
      [],
    );
  });

  /** The requests to which the answers are checked, in their order. */
  const requests: readonly (readonly [
    string,
    string,
    string,
    number,
    Readonly<Record<string, string>>?,
    string?,
  ])[] = [
    ['post', '/v2/members', '/v2/members', 201, json, '{"peerURLs":["http://10.0.0.4:7001"]}'],
    ['put', '/v2/members/{id}', '/v2/members/aa', 204, json, '{"peerURLs":["http://a:7001"]}'],
    ['put', '/v2/members/{id}', '/v2/members/aa', 400, json, '{}'],
    ['delete', '/v2/members/{id}', '/v2/members/aa', 204],
    ['put', '/v2/keys/{path}', '/v2/keys/a/b?value=1', 201],
    ['put', '/v2/keys/{path}', '/v2/keys/a/b?value=2&ttl=60', 200],
    ['put', '/v2/keys/{path}', '/v2/keys/a/b?prevIndex=1', 412],
    ['post', '/v2/keys/{path}', '/v2/keys/a?value=3', 201],
    ['get', '/v2/keys/{path}', '/v2/keys/?recursive=true', 200],
    ['get', '/v2/keys/{path}', '/v2/keys/a/b?wait=true&waitIndex=1', 200],
    ['get', '/v2/keys/{path}', '/v2/keys/none', 404],
    ['delete', '/v2/keys/{path}', '/v2/keys/a?recursive=true', 200],
    ['post', '/mod/v2/lock/{name}', '/mod/v2/lock/l?ttl=60&limit=2', 200],
    ['post', '/mod/v2/lock/{name}', '/mod/v2/lock/l?ttl=60&limit=2&value=ann', 200],
    [
      'post',
      '/mod/v2/lock/{name}',
      '/mod/v2/lock/l?ttl=60&limit=2&value=bob&timeout=0&keep=true',
      409,
    ],
    ['put', '/mod/v2/lock/{name}', '/mod/v2/lock/l?ttl=60&value=ann', 200],
    ['put', '/mod/v2/lock/{name}', '/mod/v2/lock/l?ttl=60&value=eve', 404],
    ['get', '/mod/v2/lock/{name}', '/mod/v2/lock/l', 200],
    ['get', '/mod/v2/lock/{name}', '/mod/v2/lock/l', 200, { Accept: 'application/json' }],
    ['get', '/mod/v2/lock/{name}', '/mod/v2/lock/l?index=1&deny=403', 403],
    ['get', '/mod/v2/lock/', '/mod/v2/lock/', 200],
    ['get', '/mod/v2/lock/', '/mod/v2/lock/?max=1', 200, { Accept: 'application/json' }],
    ['delete', '/mod/v2/lock/{name}', '/mod/v2/lock/l?value=ann', 200],
    ['put', '/mod/v2/leader/{name}', '/mod/v2/leader/l?ttl=60&name=ann', 200],
    ['get', '/mod/v2/leader/{name}', '/mod/v2/leader/l', 200, { Accept: 'application/json' }],
    ['get', '/mod/v2/leader/', '/mod/v2/leader/', 200, { Accept: 'application/json' }],
    ['delete', '/mod/v2/leader/{name}', '/mod/v2/leader/l?name=ann', 200],
    ['delete', '/mod/v2/leader/{name}', '/mod/v2/leader/l', 400],
    ['post', '/v2/admin/transfer-leadership', '/v2/admin/transfer-leadership?to=nobody', 404],
    ...operations
      .filter(({ method, parameters }) => method === 'get' && parameters.length === 0)
      .map(({ path }) => ['get', path, path, 200] as const),
  ];

  test('tells every answer as it is', async () => {
    for (const [method, path, target, status, headers = {}, form] of requests) {
      const body = form === undefined ? {} : { form };
      const question = { method: method.toUpperCase(), path: target, headers, ...body };
      checkAnswer(method, path, status, await server.askFor(question));
    }
    const asked = new Set(requests.map(([method, path]) => `${method} ${path}`));
    const all = new Set(operations.map(({ method, path }) => `${method} ${path}`));
    assert.deepEqual([...asked].toSorted(), [...all].toSorted());
  });

  function checkAnswer(method: string, path: string, status: number, answer: Answer): void {
    const what = `${method} ${path}: ${answer.status} ${answer.body}`;
    assert.equal(answer.status, status, what);
    const operation = operations.find((each) => each.method === method && each.path === path);
    const { [status]: told, ['default']: other } = operation?.answers ?? {};
    if (status === 204) {
      assert.deepEqual([told, answer.body], [undefined, '']);
      return;
    }
    const content = told ?? other;
    const [type = ''] = answer.headers['content-type']?.split(';') ?? [];
    const schema = content?.[type];
    assert.ok(schema !== undefined, `${what} (${type})`);
    const isJson = answer.body.startsWith('{');
    check(schema, isJson ? JSON.parse(answer.body) : answer.body, what);
  }
});
