import assert from 'node:assert/strict';
import { test } from 'node:test';
import { clientConnections, connectionBudget } from '../../src/descriptors/connection-budget.js';
import {
  descriptorLimit,
  loadRefusal,
  openDescriptors,
  softLimit,
} from '../../src/descriptors/descriptor-limit.js';
import { LogRecorder } from '../support/log-recorder.js';

test('the soft limit on open files is read from the table of limits', () => {
  const table =
    'Limit                     Soft Limit           Hard Limit           Units     \n' +
    'Max processes             100                  200                  processes \n' +
    'Max open files            1024                 524288               files     \n';
  assert.equal(softLimit(table), 1024);
  assert.equal(
    softLimit('Max open files            unlimited            unlimited            files\n'),
    Number.POSITIVE_INFINITY,
  );
  assert.equal(softLimit(undefined), Number.POSITIVE_INFINITY);
});

test('a process tells its own limit, and what it has open', () => {
  assert.ok(openDescriptors() < descriptorLimit());
});

test('clients get what the member itself does not need', () => {
  const of = (limit: number, open: number, peers: number) => {
    const budget = connectionBudget(limit, open, peers);
    return budget.ok ? budget.value.fromClients : undefined;
  };
  const least = of(1000, 25, 0) ?? 0;
  assert.equal(of(1024, 25, 0), least + 24);
  assert.equal(of(1000, 30, 0), least - 5);
  assert.equal(of(1000, 25, 2), least - 2 * 18);
  assert.equal(of(Number.POSITIVE_INFINITY, 25, 2), Number.POSITIVE_INFINITY);
});

test('few connections of clients are a warning only where they are fewer than asked for, or useless', () => {
  const told = (available: number, waitingAsked: number | undefined) => {
    const logger = new LogRecorder();
    const connections = clientConnections({ limit: 0, available }, waitingAsked, logger);
    return [connections, ...logger.takeLines().map(({ level }) => level)];
  };
  assert.deepEqual(told(40_000, undefined), [40_000]);
  assert.deepEqual(told(19_753, undefined), [19_753, 'info'], 'a default that nobody asked for');
  assert.deepEqual(told(1000, undefined), [1000, 'info']);
  assert.deepEqual(told(999, undefined), [999, 'warn']);
  assert.deepEqual(told(19_753, 30_000), [19_753, 'warn']);
  assert.deepEqual(told(19_753, 19_753), [19_753, 'warn'], 'nothing is left for other requests');
  assert.deepEqual(told(19_753, 15_000), [19_753, 'info']);
  assert.deepEqual(told(19_753, 5_000), [15_000]);
  assert.deepEqual(told(Number.POSITIVE_INFINITY, undefined), [40_000]);
});

test('a limit that leaves next to nothing for clients is refused with the limit that will do', () => {
  const refused = connectionBudget(100, 25, 2);
  assert.ok(!refused.ok);
  const least = Number(/needs (\d+) at least/.exec(refused.error)?.[1]);
  assert.match(refused.error, /^the limit of open files is 100 here/);
  assert.equal(connectionBudget(least - 1, 25, 2).ok, false);
  assert.equal(connectionBudget(least, 25, 2).ok, true);
});

test('the program says beforehand that it cannot be loaded', () => {
  assert.equal(loadRefusal(192), undefined);
  assert.match(loadRefusal(191) ?? '', /is 191 here, and this member needs 192 at least/);
});
