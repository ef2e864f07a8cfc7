import assert from 'node:assert/strict';
import { test } from 'node:test';
import { failureReply } from '../../src/http/failure-reply.js';
import { UnavailableError } from '../../src/member/coordinator.js';
import { ApiError } from '../../src/service/api-error.js';
import { silentLogger } from '../member/member-options.js';

type Context = Parameters<typeof failureReply>[0];

/** As much of a member as the answers to failed requests tell of. */
const context = {
  coordinator: { state: { etcdIndex: 7 }, status: () => ({ clusterId: 'c' }) },
  events: { record: () => undefined },
  refusedRequests: { tell: () => undefined },
} as unknown as Context;

function bodyFor(error: Error): { readonly status: number; readonly effect: unknown } {
  const { status, body } = failureReply(context, silentLogger, error, undefined);
  return { status, effect: JSON.parse(body).effect };
}

test('a client is told when its request has certainly changed nothing, in a field of its own', () => {
  const none = { status: 503, effect: 'none' };
  assert.deepEqual(bodyFor(new UnavailableError('no leader is known', 'none')), none);
  assert.deepEqual(bodyFor(new ApiError('tooManyWaiting', 'too many')), none);
  assert.deepEqual(bodyFor(new ApiError('auditFailed', 'the disk is full')), none);
});

test('and is not told so where it may have, or where it need not be told', () => {
  const unknown = { status: 503, effect: undefined };
  assert.deepEqual(bodyFor(new UnavailableError('the leader is gone', 'unknown')), unknown);
  assert.equal(bodyFor(new ApiError('invalidForm', 'no')).effect, undefined);
});
