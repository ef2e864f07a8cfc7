import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { describe, test } from 'node:test';
import { ConclaveClient, RefusedError } from '../../src/client/index.js';
import { secureFetch } from '../../src/tls/secure-fetch.js';
import { Authority } from '../support/certificates.js';
import { FakeMembers, says } from './fake-members.js';

const lockPath = '/mod/v2/lock/deploy';

/** A load balancer that redirects to a member, where somebody else holds the lock. */
const balancer: RequestListener = ({ url, method }, response) => {
  if (url !== undefined && !url.startsWith('/member')) {
    response.writeHead(301, { Location: `/member${url}` }).end();
  } else {
    response.end(method === 'GET' ? '7' : '');
  }
};

/** Sends the same through the load balancer, and returns with what that was refused. */
async function refusals(client: ConclaveClient): Promise<readonly string[]> {
  const asked = [
    client.lock('deploy', { timeout: 0 }),
    client.lock('deploy', { timeout: 5 }),
    client.elect('deploy', { value: 'me', timeout: 0 }),
    client.keys.set('k', 'v'),
    client.backup(),
  ];
  return await Promise.all(
    asked.map(async (each) => {
      const error: unknown = await Promise.resolve(each).then(
        () => undefined,
        (refused: unknown) => refused,
      );
      assert.ok(error instanceof RefusedError, String(error));
      return `${error.status}: ${error.message}`;
    }),
  );
}

const told = (endpoint: string, what = '301') =>
  `${endpoint} answered ${what}, but not as a member does: give the address of one`;

describe('a redirect', () => {
  test('is not followed to a grant that is none', async (context) => {
    const server = createServer(balancer).listen(0, '127.0.0.1');
    context.after(() => server.close());
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const endpoint = `http://127.0.0.1:${port}`;
    const client = new ConclaveClient({ endpoints: [endpoint] });
    assert.deepEqual(await refusals(client), Array(5).fill(`301: ${told(endpoint)}`));
  });

  test('is not followed by TLS with certificates of its own either', async (context) => {
    using authority = new Authority();
    const { certFile, keyFile } = authority.issue();
    const files = { cert: readFileSync(certFile), key: readFileSync(keyFile) };
    const server = createSecureServer(files, balancer).listen(0, '127.0.0.1');
    context.after(() => {
      server.closeAllConnections();
      server.close();
    });
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const endpoint = `https://127.0.0.1:${port}`;
    const fetch = secureFetch({ ca: readFileSync(authority.caFile) });
    const client = new ConclaveClient({ endpoints: [endpoint], fetch });
    assert.deepEqual(await refusals(client), Array(5).fill(`301: ${told(endpoint)}`));
  });

  test('is told in a browser, too, which hides its status', async () => {
    // As an answer of the type "opaqueredirect", it has the status 0 and no body.
    const members = new FakeMembers(async () => Response.error(), ['http://a']);
    const expected = `0: ${told('http://a', 'with a redirect')}`;
    assert.deepEqual(await refusals(members.client), Array(5).fill(expected));
  });
});

const page = '<html>\n<p>Welcome!</p>\n</html>';

describe('an answer that is no token', () => {
  for (const body of [
    '0',
    'holder',
    '007',
    '5.5',
    '1e3',
    '9007199254740993',
    page,
    '{"a":1}',
    '{\n}',
  ]) {
    test(`grants no lock: ${JSON.stringify(body)}`, async () => {
      for (const timeout of [0, 5]) {
        const members = new FakeMembers(() => says(`${body}\n`));
        const error = { code: 'refused', status: 200, message: told('http://a', '200') };
        await assert.rejects(members.client.lock('deploy', { timeout }), error);
        assert.deepEqual(members.takeAsked(), [`a POST ${lockPath}`]);
      }
    });
  }

  test('grants no lock that was only tried: an empty one, and one with another status', async () => {
    for (const answer of [new Response(''), new Response('5', { status: 202 })]) {
      const members = new FakeMembers(async () => answer);
      await assert.rejects(members.client.lock('deploy', { timeout: 0 }), { code: 'refused' });
    }
  });
});

describe('a page that something else than a member answers with', () => {
  for (const body of [page, '', '\n']) {
    test(`renews no lock, and releases none: ${JSON.stringify(body)}`, async () => {
      const members = new FakeMembers(() => says('5\n'));
      const locks = [
        await members.client.lock('deploy', { renew: false }),
        await members.client.elect('deploy', { value: 'me', renew: false }),
      ];
      members.answer(async () => new Response(body));
      for (const lock of locks) {
        await assert.rejects(lock.renew(), { code: 'refused', status: 200 });
        await assert.rejects(lock.release(), { code: 'refused', status: 200 });
      }
    });
  }

  test('ends a lock that would be renewed by it, before its deadline', async () => {
    const members = new FakeMembers(() => says('5\n'));
    const lock = await members.client.lock('deploy', { ttl: 9 });
    members.answer(async () => new Response(''));
    await members.pass(3500);
    assert.equal(lock.held, false);
  });

  test('removes no place and no member, when it is empty', async () => {
    const members = new FakeMembers(async () => new Response(''));
    const { client } = members;
    for (const asked of [client.release('deploy', { token: 5 }), client.removeMember('a')]) {
      await assert.rejects(asked, { code: 'refused', status: 200 });
    }
  });

  test('is neither a read nor a write', async () => {
    for (const body of [page, '{}']) {
      const members = new FakeMembers(() => says(body));
      const { keys } = members.client;
      await assert.rejects(keys.set('k', 'v'), { code: 'refused', status: 200 });
      await assert.rejects(keys.delete('k'), { code: 'refused', status: 200 });
    }
    const members = new FakeMembers(() => says(page));
    await assert.rejects(members.client.keys.get('k'), { code: 'refused', status: 200 });
    await assert.rejects(members.client.removeMember('a'), { code: 'refused', status: 200 });
  });
});
