import assert from 'node:assert/strict';
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { until } from '../../cluster/until.js';

interface Weight {
  readonly heapUsed: number;
  readonly rss: number;
  readonly watchers: number;
}

const count = 3000;

/**
 * The heap's young generation grows with whatever is allocated, once, up to this many megabytes. By
 * default it would weigh more than the watchers do.
 */
const youngGeneration = '--max-semi-space-size=1';

/** In kB, of memory in all. */
const memoryMax = 10;

test(`an idle watcher costs less than ${memoryMax} kB of memory, its connection included, and leaves nothing`, async (t) => {
  const script = fileURLToPath(new URL('watched-process.ts', import.meta.url));
  const child = fork(script, { execArgv: [youngGeneration, '--import', 'tsx'] });
  const sockets: Socket[] = [];
  try {
    const [{ port }] = (await once(child, 'message')) as [{ port: number }];
    await open(sockets, port, 500, 'warm');
    for (const socket of sockets.splice(0)) socket.destroy();
    await until(async () => (await weigh(child)).watchers === 0, 'the first ones have left');
    const before = await weigh(child);
    await open(sockets, port, count, 'cold');
    const after = await weigh(child);
    assert.equal(after.watchers, count);
    const heap = (after.heapUsed - before.heapUsed) / count / 1000;
    const rss = (after.rss - before.rss) / count / 1000;
    t.diagnostic(`${heap.toFixed(1)} kB of heap, ${rss.toFixed(1)} kB of memory in all`);
    assert.ok(heap < 8, `${heap.toFixed(1)} kB of heap`);
    assert.ok(rss < memoryMax, `${rss.toFixed(1)} kB of memory`);
    for (const socket of sockets) socket.destroy();
    await until(async () => (await weigh(child)).watchers === 0, 'all have left');
    const rest = async () => ((await weigh(child)).heapUsed - before.heapUsed) / count / 1000;
    await until(async () => (await rest()) < 1, 'they have left nothing');
  } finally {
    for (const socket of sockets) socket.destroy();
    child.kill();
    await once(child, 'exit');
  }
});

async function weigh(child: ChildProcess): Promise<Weight> {
  child.send('weigh');
  const [weight] = (await once(child, 'message')) as [Weight];
  return weight;
}

/** Half of them are streams. */
async function open(sockets: Socket[], port: number, count: number, name: string): Promise<void> {
  let heads = 0;
  for (let number = 0; number < count; number += 1) {
    const socket = connect(port, '127.0.0.1');
    socket.once('data', () => {
      heads += 1;
    });
    const query = `wait=true&stream=${number % 2 === 0}`;
    socket.write(
      `GET /v2/keys/${name}/${number}?${query} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n\r\n`,
    );
    sockets.push(socket);
    if (number % 250 === 249) await until(() => heads > number - 250, 'heads come');
  }
  await until(() => heads === count, 'all heads have come');
}
