import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SlowLog } from '../../src/member/slow-log.js';
import { set } from '../store/commands.js';
import { LogRecorder } from '../support/log-recorder.js';
import { ManualClock } from '../support/manual-clock.js';
import { MemberRig } from './member-rig.js';

test('what takes 100 ms is told, with how long it took; what is faster is not', () => {
  const clock = new ManualClock(0);
  const logger = new LogRecorder();
  const slow = new SlowLog(clock, logger, 'slow sync');
  clock.advance(99);
  slow.ended(0, { entries: 3 });
  assert.deepEqual(logger.takeLines(), []);
  clock.advance(1);
  slow.ended(0, { entries: 3 });
  assert.deepEqual(logger.takeLines(), [
    { level: 'warn', message: 'slow sync', fields: { tookMs: 100, entries: 3 } },
  ]);
});

test('a disk that is always slow is told once a minute, with how often it was', () => {
  const clock = new ManualClock(0);
  const logger = new LogRecorder();
  const slow = new SlowLog(clock, logger, 'slow sync');
  for (let count = 0; count < 600; count += 1) {
    clock.advance(200);
    slow.ended(clock.now() - 200, {});
  }
  const untold = logger.takeLines().map(({ fields }) => fields['untold']);
  assert.deepEqual(untold, [undefined, 299], 'in two minutes');
});

test('a member tells that a write to its disk was slow', async () => {
  const logger = new LogRecorder();
  const rig = await MemberRig.start({ logger });
  await rig.lead();
  logger.takeLines();
  rig.hold('write');
  const written = rig.member.propose(set('/a', 'x'), 10_000);
  await rig.work();
  await rig.passTogether(300);
  await rig.release();
  await rig.follow();
  await written;
  const [slow, ...more] = logger.takeLines().filter(({ message }) => message === 'slow sync');
  assert.deepEqual(more, []);
  assert.equal(slow?.fields['tookMs'], 300);
  assert.equal(slow?.fields['entries'], 1);
  await rig.close();
});
