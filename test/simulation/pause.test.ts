import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Pause } from './pause.js';
import { Scheduler } from './scheduler.js';

/** What ran, and when. */
function setUp() {
  const scheduler = new Scheduler();
  const pause = new Pause(scheduler);
  const ran: string[] = [];
  const when = (what: string) => pause.whenOver(() => ran.push(`${what} at ${scheduler.now}`));
  const runUntil = (time: number) => scheduler.runUntil(time, () => {});
  return { scheduler, pause, ran, when, runUntil };
}

describe('a process of the simulator that is paused', () => {
  test('goes on at the end of its pause with all that came meanwhile, in order', async () => {
    const { scheduler, pause, ran, when, runUntil } = setUp();
    when('before');
    pause.begin(100);
    when('first');
    scheduler.after(50, () => when('second'));
    await runUntil(99);
    assert.deepEqual(ran, ['before at 0']);
    await runUntil(200);
    assert.deepEqual(ran, ['before at 0', 'first at 100', 'second at 100']);
  });

  test('goes on at once when it is resumed, and does everything once', async () => {
    const { scheduler, pause, ran, when, runUntil } = setUp();
    pause.begin(6000);
    when('tick');
    scheduler.after(300, () => pause.end());
    await runUntil(10_000);
    assert.deepEqual(ran, ['tick at 300']);
  });

  test('stands still until the end of the longest of its pauses', async () => {
    const { scheduler, pause, ran, when, runUntil } = setUp();
    pause.begin(100);
    when('tick');
    scheduler.after(50, () => pause.begin(200));
    scheduler.after(60, () => pause.begin(10));
    await runUntil(1000);
    assert.deepEqual(ran, ['tick at 250']);
  });
});
