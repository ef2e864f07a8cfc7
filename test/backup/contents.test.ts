import assert from 'node:assert/strict';
import { test } from 'node:test';
import { contentsOf } from '../../src/backup/contents.js';
import { memberId } from '../../src/ids.js';
import { register } from '../store/commands.js';
import { Log, memberA, memberB } from '../store/log.js';

test('a name is told once, whichever members have registered with it', () => {
  const log = Log.empty();
  log.from(memberA, { ...register('disk-a'), name: 'two' });
  log.from(memberB, { ...register('disk-b'), name: 'one' });
  log.from(memberId('000000000000000c'), { ...register('disk-c'), name: 'two' });
  assert.deepEqual(contentsOf(log.machine).registeredNames, ['one', 'two']);
});
