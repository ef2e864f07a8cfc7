import assert from 'node:assert/strict';
import { test } from 'node:test';
import { redirectTo } from '../../../src/http/server/redirect.js';

test('a redirect names the clean path, escaped as Go does it, and keeps the query', () => {
  const { status, headers, body } = redirectTo('/v2/keys/é b!/x+y', 'a=<é>&b', 'GET');
  assert.equal(status, 301);
  assert.equal(headers['Location'], '/v2/keys/%C3%A9%20b%21/x+y?a=<%c3%a9>&b');
  const link = '/v2/keys/%C3%A9%20b%21/x+y?a=&lt;é&gt;&amp;b';
  assert.equal(body, `<a href="${link}">Moved Permanently</a>.\n\n`);
});

test('only a GET gets a page with its redirect', () => {
  for (const [method, type] of [
    ['HEAD', 'text/html; charset=utf-8'],
    ['PUT', undefined],
    ['DELETE', undefined],
  ] as const) {
    const { headers, body } = redirectTo('/v2/keys/a', '', method);
    assert.deepEqual(
      [headers['Location'], headers['Content-Type'], body],
      ['/v2/keys/a', type, ''],
    );
  }
});
