// A worker that does jobs in their order. Of many that are started one works, the others stand by.
//
//   npm run build
//   export CONCLAVE_ENDPOINTS=http://127.0.0.1:4001,http://127.0.0.1:4002
//   node examples/worker.mjs
//   curl http://127.0.0.1:4001/v2/keys/jobs/waiting -X POST -d value=hello
//
// Results stand in jobs/done. They are fenced: a worker that was paused for longer than its TTL may
// still be at a job that another one has taken over, but the cluster refuses what it writes. A job
// is begun again when its worker is lost, so what it does elsewhere has to bear that.
import { setTimeout as pause } from 'node:timers/promises';
import { ConclaveClient, ConclaveError } from 'conclave/client';

const endpoints = (process.env.CONCLAVE_ENDPOINTS ?? 'http://127.0.0.1:4001').split(',');
const client = new ConclaveClient({ endpoints });

for (;;) {
  try {
    await client.using('jobs', { ttl: 3 }, work);
  } catch (error) {
    if (!(error instanceof ConclaveError)) throw error;
    console.error(error.message);
  }
}

async function work(lock) {
  console.log(`works as ${lock.token}`);
  while (lock.held) {
    const { node, index } = await client.keys.read('jobs/waiting');
    for (const { key, value } of node?.nodes ?? []) {
      const result = await perform(value);
      await client.keys.set(key.replace('waiting', 'done'), result, { lock });
      await client.keys.delete(key, { lock });
    }
    await nextJob(index, lock.signal);
  }
}

async function perform(value) {
  console.log(`begins ${value}`);
  await pause(500);
  return `${value.toUpperCase()} by ${process.pid}`;
}

async function nextJob(index, signal) {
  const changes = client.keys.watch('jobs/waiting', { recursive: true, since: index + 1, signal });
  for await (const { action } of changes) if (action !== 'delete') return;
}
