// A Koa service of several instances, of which one does a job that must not be done twice.
//
//   npm run build
//   export CONCLAVE_ENDPOINTS=http://127.0.0.1:4001,http://127.0.0.1:4002
//   PORT=3000 node examples/koa-singleton.mjs
//   curl http://127.0.0.1:3000/
//
// Start another one with PORT=3001. Each tells whether it leads, and which instance does. When the
// leader is stopped it resigns, and the next one leads at once; when it dies, after the TTL.
import { setTimeout as pause } from 'node:timers/promises';
import { ConclaveClient, ConclaveError } from 'conclave/client';
import Koa from 'koa';

const endpoints = (process.env.CONCLAVE_ENDPOINTS ?? 'http://127.0.0.1:4001').split(',');
const client = new ConclaveClient({ endpoints });
const port = Number(process.env.PORT ?? 3000);
const stop = new AbortController();
let leadership;

async function job() {
  console.log(`the only one that does this has token ${leadership.token}`);
}

async function lead() {
  const value = `http://127.0.0.1:${port}`;
  leadership = await client.elect('report', { value, ttl: 5, signal: stop.signal });
  try {
    const signal = AbortSignal.any([leadership.signal, stop.signal]);
    for (;;) {
      await job();
      await pause(1000, undefined, { signal });
    }
  } finally {
    await leadership[Symbol.asyncDispose]();
  }
}

async function leadAgainAndAgain() {
  while (!stop.signal.aborted) {
    try {
      await lead();
    } catch (error) {
      const isExpected = error instanceof ConclaveError || error.name === 'AbortError';
      if (!isExpected) throw error;
      console.error(error.message);
    }
  }
}

const app = new Koa();
app.use(async (ctx) => {
  const { holders } = await client.inspect('report');
  ctx.body = { leads: leadership?.held === true, holders };
});
const server = app.listen(port);
process.once('SIGTERM', () => {
  stop.abort();
  server.close();
});
await leadAgainAndAgain();
