import assert from 'node:assert/strict';
import { test } from 'node:test';
import { collectable, megabytes, memoryBounds, memoryText, QuorumLoss } from './quorum-loss.js';
import { RealCluster } from './real-cluster.js';

// It appends until it notices, and is a follower then. `npm run soak:memory` tries followers, too.
const bounds = memoryBounds('leader');
const { limitBytes, restBytes } = bounds;

test(`a leader that loses its quorum holds less than ${megabytes(limitBytes)} while 64 clients send 1 MB each, and lets go of it`, async (context) => {
  await using real = await RealCluster.start([], collectable);
  const loss = new QuorumLoss(real, {
    ...bounds,
    ...{ clients: 64, durationMs: 12_000, onProgress: (line) => context.diagnostic(line) },
  });
  const { before, peakBytes, after, afterMs, hasFallen, answers } = await loss.run();
  context.diagnostic(`at most ${megabytes(peakBytes)} resident`);
  context.diagnostic(`after ${afterMs.toFixed(0)} ms: ${memoryText(after)}`);
  assert.deepEqual([...answers.keys()], [503], 'nothing is stored, and every request is answered');
  assert.ok(peakBytes < limitBytes, `${megabytes(peakBytes)} resident`);
  const more = after.held - before.held;
  assert.ok(more < restBytes, `${megabytes(more)} more are held than before`);
  assert.ok(hasFallen, `${megabytes(after.resident)} are resident still`);
});
