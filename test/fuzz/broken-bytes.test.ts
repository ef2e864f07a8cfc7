import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { test } from 'node:test';
import fc from 'fast-check';
import { seed } from './campaign.js';
import { rawBytes } from './requests.js';
import { Target } from './target.js';

const rawConnections = 500;

test(`whatever bytes come, the member goes on unharmed (SEED=${seed})`, async () => {
  await using target = await Target.start();
  await fc.assert(
    fc.asyncProperty(fc.array(rawBytes, { minLength: 20, maxLength: 20 }), async (all) => {
      await Promise.all(all.map((bytes) => sendAndLeave(target.server.port, bytes)));
      await target.check();
    }),
    { seed, numRuns: rawConnections / 20 },
  );
  const { watchers } = target.server.coordinator.stateMachine.keys.statistics();
  assert.equal(watchers, 0, 'whoever left watches no more');
});

/** Says all, hears what comes, and is closed by the other side. */
async function sendAndLeave(port: number, bytes: string): Promise<void> {
  const socket = connect(port, '127.0.0.1').resume();
  socket.on('error', () => {});
  socket.end(Buffer.from(bytes, 'latin1'));
  if (!socket.destroyed) await once(socket, 'close');
}
