import assert from 'node:assert/strict';
import { test } from 'node:test';
import { UnavailableError } from '../../src/member/coordinator.js';
import { BodyAdmission, largeBodiesBytesMax } from '../../src/service/body-admission.js';
import { ManualClock } from '../support/manual-clock.js';
import { settle } from '../support/settle.js';

const timeoutMs = 3000;

function setUp(maxBytes = 100) {
  const clock = new ManualClock(0);
  const admission = new BodyAdmission(clock, maxBytes, timeoutMs);
  const admitted: number[] = [];
  const releases = new Map<number, () => void>();
  const enter = async (bytes: number, signal = new AbortController().signal) => {
    const release = await admission.enter(bytes, signal);
    admitted.push(bytes);
    releases.set(bytes, release);
  };
  return { clock, admitted, releases, enter };
}

test('large bodies are admitted as far as they fit, then in the order of their arrival', async () => {
  const { admitted, releases, enter } = setUp();
  void enter(60);
  void enter(40);
  void enter(50);
  void enter(10);
  await settle();
  assert.deepEqual(admitted, [60, 40], 'a small one does not overtake');
  releases.get(40)?.();
  await settle();
  assert.deepEqual(admitted, [60, 40]);
  releases.get(60)?.();
  await settle();
  assert.deepEqual(admitted, [60, 40, 50, 10]);
});

test('a body beyond the whole bound is admitted alone', async () => {
  const { admitted, releases, enter } = setUp();
  void enter(10);
  void enter(500);
  void enter(20);
  await settle();
  assert.deepEqual(admitted, [10]);
  releases.get(10)?.();
  await settle();
  assert.deepEqual(admitted, [10, 500]);
  releases.get(500)?.();
  await settle();
  assert.deepEqual(admitted, [10, 500, 20]);
});

test('a body that finds no room in time is refused without effect, and blocks no other', async () => {
  const { clock, admitted, enter } = setUp();
  void enter(90);
  const large = enter(50);
  await settle();
  clock.advance(timeoutMs - 1);
  void enter(10);
  await settle();
  clock.advance(1);
  await assert.rejects(
    large,
    (error) => error instanceof UnavailableError && error.outcome === 'none',
  );
  await settle();
  assert.deepEqual(admitted, [90, 10]);
});

test('a client that leaves gives up its turn, and leaves no timer', async () => {
  const { clock, admitted, releases, enter } = setUp();
  const client = new AbortController();
  void enter(90);
  const left = enter(50, client.signal);
  void enter(10);
  await settle();
  client.abort(new Error('gone'));
  await assert.rejects(left, /gone/);
  await settle();
  assert.deepEqual(admitted, [90, 10]);
  assert.equal(clock.timerCount, 0);
  await assert.rejects(enter(1, AbortSignal.abort(new Error('gone before'))), /gone before/);
  for (const release of releases.values()) release();
  void enter(100);
  await settle();
  assert.deepEqual(admitted, [90, 10, 100]);
});

test('a small heap admits less, in proportion', () => {
  const megabyte = 1024 * 1024;
  assert.equal(largeBodiesBytesMax(112 * megabyte), 7 * megabyte);
  assert.equal(largeBodiesBytesMax(512 * megabyte), 16 * megabyte);
  assert.equal(largeBodiesBytesMax(4096 * megabyte), 16 * megabyte);
});
