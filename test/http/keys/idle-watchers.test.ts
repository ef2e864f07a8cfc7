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
  readonly waiting: number;
}

/** In kB, of one request. */
interface Cost {
  readonly heap: number;
  readonly rss: number;
}

const count = 3000;

/** In kB, of one watcher: beside a request of Node alone, and in all, with its connection. */
const ownMax = 2;
const memoryMax = 10;

/**
 * The heap's young generation grows with whatever is allocated, once, up to this many megabytes. By
 * default it would weigh more than the watchers do.
 */
const youngGeneration = '--max-semi-space-size=1';

test('an idle watcher costs hardly more memory than a waiting request of Node alone, and leaves nothing', async (t) => {
  const bare = await costOf('bare-process.ts');
  const watcher = await costOf('watched-process.ts');
  for (const [what, { heap, rss }] of Object.entries({ bare, watcher })) {
    t.diagnostic(`${what}: ${heap.toFixed(1)} kB of heap, ${rss.toFixed(1)} kB of memory in all`);
  }
  assert.ok(watcher.heap - bare.heap < ownMax, 'heap');
  // On Node 24 a request of Node alone takes more than all of that.
  const allowed = bare.rss < memoryMax ? memoryMax : bare.rss + ownMax;
  assert.ok(watcher.rss < allowed, 'memory in all');
});

/** What many requests cost that wait. Fails when they leave anything behind. */
async function costOf(server: string): Promise<Cost> {
  const script = fileURLToPath(new URL(server, import.meta.url));
  const child = fork(script, { execArgv: [youngGeneration, '--import', 'tsx'] });
  const sockets: Socket[] = [];
  try {
    const [{ port }] = (await once(child, 'message')) as [{ port: number }];
    await open(sockets, port, 500, 'warm');
    for (const socket of sockets.splice(0)) socket.destroy();
    await until(async () => (await weigh(child)).waiting === 0, 'the first ones have left');
    const before = await weigh(child);
    await open(sockets, port, count, 'cold');
    const after = await weigh(child);
    assert.equal(after.waiting, count);
    for (const socket of sockets) socket.destroy();
    await until(async () => (await weigh(child)).waiting === 0, 'all have left');
    const rest = async () => ((await weigh(child)).heapUsed - before.heapUsed) / count / 1000;
    await until(async () => (await rest()) < 1, 'they have left nothing');
    return {
      heap: (after.heapUsed - before.heapUsed) / count / 1000,
      rss: (after.rss - before.rss) / count / 1000,
    };
  } finally {
    for (const socket of sockets) socket.destroy();
    child.kill();
    await once(child, 'exit');
  }
}

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
