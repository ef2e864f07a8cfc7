// Keeps Terraform's state, and locks it, with Terraform's "http" backend.
//
//   npm run build
//   export CONCLAVE_ENDPOINTS=http://127.0.0.1:4001,http://127.0.0.1:4002
//   node examples/terraform-backend.mjs
//
//   terraform {
//     backend "http" {
//       address        = "http://127.0.0.1:8300/production"
//       lock_address   = "http://127.0.0.1:8300/production"
//       unlock_address = "http://127.0.0.1:8300/production"
//     }
//   }
//
// It keeps nothing itself, so start one on every machine. A lock ends by itself after TTL seconds
// (an hour), however Terraform died; `terraform force-unlock` ends it earlier. A state is written
// only while the lock of its writer is held, so one that comes late is refused. It has at most
// 1.5 MiB. Terraform's address has no password here: let nobody else reach the port.
import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import { ConclaveClient, ConclaveError, LockNotAcquiredError } from 'conclave/client';

const endpoints = (process.env.CONCLAVE_ENDPOINTS ?? 'http://127.0.0.1:4001').split(',');
const client = new ConclaveClient({ endpoints });
const ttl = Number(process.env.TTL ?? 3600);

/** The value of the lock is Terraform's LockInfo, whose ID nobody else has. */
async function lock(name, value) {
  try {
    const taken = await client.lock(name, {
      value,
      isOwnValue: true,
      ttl,
      timeout: 0,
      renew: false,
    });
    taken.leave();
    return [200, ''];
  } catch (error) {
    if (!(error instanceof LockNotAcquiredError)) throw error;
    return [423, (await holderOf(name))?.value ?? ''];
  }
}

/** Forced, Terraform sends no LockInfo. */
async function unlock(name, value) {
  const holder = await holderOf(name);
  const isMeant = holder !== undefined && (value === '' || idOf(holder.value) === idOf(value));
  if (!isMeant) return [409, holder?.value ?? ''];
  await client.release(name, { token: holder.index }, { force: value === '' });
  return [200, ''];
}

async function write(name, state, id) {
  const holder = await holderOf(name);
  if (holder === undefined || idOf(holder.value) !== id) return [409, 'the lock is lost\n'];
  const fence = { name, token: holder.index };
  await client.keys.set(name, state, { lock: fence, idempotent: true });
  return [200, ''];
}

async function read(name) {
  const node = await client.keys.get(name);
  return node === undefined ? [404, ''] : [200, node.value];
}

async function holderOf(name) {
  return (await client.inspect(name)).holders[0];
}

function idOf(lockInfo) {
  return JSON.parse(lockInfo).ID;
}

async function answer({ method, url }, body) {
  const { pathname, searchParams } = new URL(url, 'http://localhost');
  const name = `terraform${pathname}`;
  switch (method) {
    case 'LOCK':
      return await lock(name, body);
    case 'UNLOCK':
      return await unlock(name, body);
    case 'GET':
      return await read(name);
    case 'POST':
      return await write(name, body, searchParams.get('ID'));
    default:
      return [405, ''];
  }
}

const server = createServer(async (request, response) => {
  const [status, body] = await answer(request, await text(request)).catch((error) => {
    if (!(error instanceof ConclaveError || error instanceof SyntaxError)) throw error;
    return [503, `${error.message}\n`];
  });
  response.writeHead(status).end(body);
});
server.listen(Number(process.env.PORT ?? 8300), '127.0.0.1');
