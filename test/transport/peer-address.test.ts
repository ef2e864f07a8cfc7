import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addressOf } from '../../src/transport/peer-address.js';

test('a peer is dialled where its URL says, also at the port that its scheme has anyway', () => {
  const cases = [
    ['http://10.0.0.1:7001', '10.0.0.1', 7001, '10.0.0.1'],
    ['http://10.0.0.1:80', '10.0.0.1', 80, '10.0.0.1'],
    ['https://n1.example:443', 'n1.example', 443, 'n1.example'],
    ['https://n1.example:80', 'n1.example', 80, 'n1.example'],
    ['http://[2001:db8::1]:7001', '2001:db8::1', 7001, '2001:db8::1'],
    ['http://localhost:7001', '127.0.0.1', 7001, 'localhost'],
  ] as const;
  for (const [url, host, port, hostname] of cases) {
    assert.deepEqual(addressOf(url), { host, port, hostname }, url);
  }
  assert.equal(addressOf('n1'), undefined);
});
