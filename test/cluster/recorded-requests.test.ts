import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Recorder } from '../history/recorder.js';
import { RecordedRequests } from './recorded-requests.js';

function setUp() {
  let now = 0;
  const recorder = new Recorder(() => {
    now += 1;
    return now;
  });
  const requests = new RecordedRequests('ann');
  const lock = { name: 'deploy', recorder };
  const begin = (method: string, form: Record<string, string>) =>
    requests.begin(lock, method, new URLSearchParams(form));
  const told = () =>
    recorder.operations.map((each) => ('token' in each ? `${each.type} ${each.token}` : each.type));
  return { begin, told };
}

const mine = { value: 'v', ttl: '1', timeout: '5' };

test('a withdrawal by value takes back the place that was granted and could not be confirmed', () => {
  const { begin, told } = setUp();
  begin('POST', mine)(200, '16');
  begin('PUT', { index: '16', ttl: '1' })(undefined, '');
  begin('DELETE', { value: 'v' })(200, '');
  assert.deepEqual(told(), ['acquire', 'renew 16', 'release 16']);
});

test('a withdrawal by value names no place that was gone before: another may have come under it', () => {
  const { begin, told } = setUp();
  begin('POST', mine)(200, '16');
  begin('PUT', { index: '16', ttl: '1' })(404, '');
  begin('POST', mine)(undefined, '');
  begin('DELETE', { value: 'v' })(200, '');
  assert.deepEqual(told(), ['acquire', 'renew 16', 'acquire']);
});
