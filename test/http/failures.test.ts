import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { UnavailableError } from '../../src/member/coordinator.js';
import { ApiServer } from '../support/api-server.js';

const program = fileURLToPath(new URL('broken-invariant-process.ts', import.meta.url));

for (const path of ['/v2/keys/a?quorum=false', '/v2/stats/self']) {
  test(`a broken invariant stops the process, and is not answered: GET ${path}`, async () => {
    const child = spawn(process.execPath, ['--import', 'tsx', program, path]);
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        output += text;
      });
    }
    const [code] = await once(child, 'close');
    assert.notEqual(code, 0);
    assert.match(output, /two leaders in one term/);
    assert.doesNotMatch(output, /still here/);
  });
}

for (const path of ['/v2/keys/a', '/v2/stats/store']) {
  test(`a cluster that is unavailable is told of with 503 and Retry-After: GET ${path}`, async () => {
    await using server = await ApiServer.start();
    const unavailable = () => {
      throw new UnavailableError('no leader is known', 'none');
    };
    server.coordinator.readBarrier = unavailable;
    server.coordinator.measurements = unavailable;
    server.coordinator.state.keys.statistics = unavailable;
    const { status, headers, body } = await server.ask('GET', path);
    assert.equal(status, 503);
    assert.equal(headers['retry-after'], '1');
    assert.equal(JSON.parse(body).errorCode, 301);
  });
}
