import assert from 'node:assert/strict';
import { test } from 'node:test';
import { WallClock } from '../../src/service/wall-clock.js';
import { ManualClock } from '../support/manual-clock.js';

test('an expiration is the same text whenever it is read', () => {
  const clock = new ManualClock(5000);
  let wall = Date.UTC(2026, 0, 1);
  const wallClock = new WallClock(clock, () => wall);
  const first = wallClock.toText(15_000);
  assert.equal(first, '2026-01-01T00:00:10.000Z');
  clock.advance(1000);
  wall += 1003;
  assert.equal(wallClock.toText(15_000), first);
});

test('an expiration follows a wall clock that is set anew', () => {
  const clock = new ManualClock(0);
  let wall = Date.UTC(2026, 0, 1);
  const wallClock = new WallClock(clock, () => wall);
  wall += 3_600_000;
  assert.equal(wallClock.toText(0), '2026-01-01T01:00:00.000Z');
});

test('one reading is consistent, though the wall clock is set meanwhile', () => {
  const clock = new ManualClock(0);
  let wall = Date.UTC(2026, 0, 1);
  const toText = new WallClock(clock, () => wall).reading();
  assert.equal(toText(1000), '2026-01-01T00:00:01.000Z');
  wall += 3_600_000;
  assert.equal(toText(2000), '2026-01-01T00:00:02.000Z');
});
