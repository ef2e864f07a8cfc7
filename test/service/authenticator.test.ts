import assert from 'node:assert/strict';
import { createHook } from 'node:async_hooks';
import { describe, test } from 'node:test';
import { noPermissions } from '../../src/command/permissions.js';
import { ApiError } from '../../src/service/api-error.js';
import { Authenticator } from '../../src/service/authenticator.js';
import { hashOf, isPasswordOf } from '../../src/service/password.js';
import { LocalCoordinator } from '../support/local-coordinator.js';
import { ManualClock } from '../support/manual-clock.js';

const cost = { cost: 2, blockSize: 1, parallelization: 1 };

function basic(name: string, password: string, address = '10.0.0.1') {
  const encoded = Buffer.from(`${name}:${password}`).toString('base64');
  return { authorization: `Basic ${encoded}`, certificate: undefined, address };
}

function shown(commonName: string, expiresAt = 1e15) {
  return { authorization: undefined, certificate: { commonName, expiresAt }, address: '10.0.0.1' };
}

class Rig {
  readonly clock = new ManualClock(0);
  readonly coordinator = new LocalCoordinator(this.clock);
  readonly authenticator = new Authenticator(this.coordinator, cost, 1000, () => this.clock.now());

  async setPassword(name: string, password: string): Promise<void> {
    const hash = await hashOf(password, cost);
    const nothing = { roles: [], grant: [], revoke: [] };
    await this.coordinator.propose({ type: 'putUser', name, password: hash, ...nothing }, 1000);
  }

  /** What becomes of the log-in: the revision, or why there is none. */
  async logIn(...[name, password, address]: Parameters<typeof basic>): Promise<number | string> {
    try {
      const identity = await this.authenticator.identify(basic(name, password, address));
      return identity?.revision ?? 'guest';
    } catch (error) {
      if (error instanceof ApiError) return error.error;
      throw error;
    }
  }
}

function guesses(count: number): readonly string[] {
  return Array.from({ length: count }, (_, n) => `${n}`);
}

/** The passwords that are hashed from now on, until the end. */
function countHashes(): { readonly end: () => number } {
  let count = 0;
  const hook = createHook({
    init: (_id, type) => {
      if (type === 'SCRYPTREQUEST') count += 1;
    },
  }).enable();
  const end = () => {
    hook.disable();
    return count;
  };
  return { end };
}

async function rigWithAlice(): Promise<Rig> {
  const rig = new Rig();
  rig.coordinator.riseToNewest();
  await rig.setPassword('alice', 'right');
  return rig;
}

describe('a password', () => {
  test('is proved by its scrypt, whose salt differs each time', async () => {
    const [one, other] = [await hashOf('same', cost), await hashOf('same', cost)];
    assert.notDeepEqual(one.hash, other.hash);
    assert.equal(await isPasswordOf('same', one), true);
    assert.equal(!(await isPasswordOf('Same', one)), true);
  });

  test('is proved once, and is then known until it changes', async () => {
    const rig = await rigWithAlice();
    const revision = await rig.logIn('alice', 'right');
    const again = rig.authenticator.identify(basic('alice', 'right'));
    assert.deepEqual(again, { name: 'alice', revision });
    await rig.setPassword('alice', 'new');
    assert.equal(await rig.logIn('alice', 'right'), 'unauthorized');
    assert.notEqual(await rig.logIn('alice', 'new'), revision);
  });

  test('is not known any more when its user is gone', async () => {
    const rig = await rigWithAlice();
    await rig.logIn('alice', 'right');
    await rig.coordinator.propose({ type: 'deleteUser', name: 'alice' }, 1000);
    assert.equal(await rig.logIn('alice', 'right'), 'unauthorized');
  });

  test('stays known when the roles of its user change', async () => {
    const rig = await rigWithAlice();
    const revision = await rig.logIn('alice', 'right');
    const { coordinator } = rig;
    const permissions = noPermissions;
    await coordinator.propose({ type: 'putRole', name: 'dev', permissions }, 1000);
    const merge = { roles: [], grant: ['dev'], revoke: [] };
    await coordinator.propose({ type: 'putUser', name: 'alice', ...merge }, 1000);
    const known = rig.authenticator.identify(basic('alice', 'right'));
    assert.deepEqual(known, { name: 'alice', revision });
  });

  test('is proved once for all who come with it at the same time', async () => {
    const rig = await rigWithAlice();
    const before = rig.coordinator.barriers;
    const all = await Promise.all(Array.from({ length: 50 }, () => rig.logIn('alice', 'right')));
    assert.equal(new Set(all).size, 1);
    assert.equal(rig.coordinator.barriers, before + 1);
  });

  test('that was set at another member a moment ago is right', async () => {
    const rig = await rigWithAlice();
    rig.coordinator.holdReads();
    const logIn = rig.logIn('alice', 'new');
    await rig.setPassword('alice', 'new');
    rig.coordinator.resumeReads();
    assert.equal(typeof (await logIn), 'number');
  });

  test('is proved without a leader, too', async () => {
    const rig = await rigWithAlice();
    rig.coordinator.hasLeader = false;
    assert.equal(typeof (await rig.logIn('alice', 'right')), 'number');
  });
});

test('whoever shows nothing is a guest', () => {
  const { authenticator } = new Rig();
  const nothing = { authorization: undefined, certificate: undefined, address: '' };
  assert.equal(authenticator.identify(nothing), undefined);
});

describe('a certificate', () => {
  const refused = (cause: string) => new ApiError('unauthorized', cause);

  test('names its user, whatever the password is, and without a wait', async () => {
    const rig = await rigWithAlice();
    const before = rig.coordinator.barriers;
    assert.deepEqual(rig.authenticator.identify(shown('alice')), { name: 'alice' });
    await rig.setPassword('alice', 'new');
    assert.deepEqual(rig.authenticator.identify(shown('alice')), { name: 'alice' });
    assert.equal(rig.coordinator.barriers, before);
  });

  test('names nobody once its user is gone', async () => {
    const { authenticator, coordinator } = await rigWithAlice();
    assert.deepEqual(authenticator.identify(shown('alice')), { name: 'alice' });
    await coordinator.propose({ type: 'deleteUser', name: 'alice' }, 1000);
    await assert.rejects(async () => await authenticator.identify(shown('alice')), {
      cause: 'the certificate names "alice", and no user has that name',
    });
  });

  test('names a user who was made at another member a moment ago', async () => {
    const rig = await rigWithAlice();
    rig.coordinator.holdReads();
    const named = rig.authenticator.identify(shown('bob'));
    await rig.setPassword('bob', 'any');
    rig.coordinator.resumeReads();
    assert.deepEqual(await named, { name: 'bob' });
  });

  test('names nobody from its expiry on', async () => {
    const rig = await rigWithAlice();
    const { authenticator, clock } = rig;
    const expiresAt = clock.now() + 1000;
    clock.advance(999);
    assert.deepEqual(authenticator.identify(shown('alice', expiresAt)), { name: 'alice' });
    clock.advance(1);
    assert.throws(
      () => authenticator.identify(shown('alice', expiresAt)),
      refused('the certificate has expired'),
    );
  });

  test('does not count beside a password, be that right or wrong', async () => {
    const { authenticator } = await rigWithAlice();
    const { certificate } = shown('root');
    const right = await authenticator.identify({ ...basic('alice', 'right'), certificate });
    assert.equal(right?.name, 'alice');
    await assert.rejects(
      async () => await authenticator.identify({ ...basic('alice', 'wrong'), certificate }),
      refused('Insufficient credentials'),
    );
  });
});

describe('failures', () => {
  test('are limited for an address, and the limit passes', async () => {
    const rig = await rigWithAlice();
    for (let n = 0; n < 10; n += 1) assert.equal(await rig.logIn('alice', `${n}`), 'unauthorized');
    assert.equal(await rig.logIn('alice', 'right'), 'tooManyFailures');
    assert.equal(await rig.logIn('alice', 'right', '10.0.0.2'), await rig.logIn('alice', 'right'));
    rig.clock.advance(6001);
    assert.equal(await rig.logIn('alice', 'other'), 'unauthorized');
    assert.equal(await rig.logIn('alice', 'another'), 'tooManyFailures');
  });

  test('count for a whole network of IPv6', async () => {
    const rig = await rigWithAlice();
    for (let n = 0; n < 10; n += 1) await rig.logIn('alice', 'x', `2001:db8:1:2::${n}`);
    assert.equal(await rig.logIn('alice', 'x', '2001:db8:1:2:3::1'), 'tooManyFailures');
    assert.equal(await rig.logIn('alice', 'x', '2001:db8:1:3::1'), 'unauthorized');
  });

  test('of guesses that come at once are as few as of one by one', async () => {
    const rig = await rigWithAlice();
    const hashes = countHashes();
    const ends = await Promise.all(guesses(30).map((guess) => rig.logIn('alice', guess)));
    assert.equal(ends.filter((end) => end === 'unauthorized').length, 10);
    assert.equal(ends.filter((end) => end === 'tooManyFailures').length, 20);
    assert.equal(hashes.end(), 10);
  });

  test('are not those of many users of one address who come at once', async () => {
    const rig = await rigWithAlice();
    const users = guesses(40);
    for (const user of users) await rig.setPassword(user, `of ${user}`);
    const logIns = users.map((user) => rig.logIn(user, `of ${user}`));
    const wrong = guesses(5).map((guess) => rig.logIn('alice', guess));
    assert.ok((await Promise.all(logIns)).every((end) => typeof end === 'number'));
    assert.deepEqual(await Promise.all(wrong), Array(5).fill('unauthorized'));
  });

  test('keep nobody from a password that is being proved', async () => {
    const rig = await rigWithAlice();
    for (const guess of guesses(10)) await rig.logIn('alice', guess);
    rig.coordinator.holdReads();
    const elsewhere = rig.logIn('alice', 'right', '10.0.0.2');
    const here = rig.logIn('alice', 'right');
    rig.coordinator.resumeReads();
    assert.equal(typeof (await elsewhere), 'number');
    assert.equal(await here, await elsewhere);
  });

  test('of one address are no reason to refuse another that comes with the same', async () => {
    const rig = await rigWithAlice();
    const wrong = guesses(10).map((guess) => rig.logIn('alice', guess));
    const here = rig.logIn('alice', 'right');
    const elsewhere = rig.logIn('alice', 'right', '10.0.0.2');
    assert.deepEqual(await Promise.all(wrong), Array(10).fill('unauthorized'));
    assert.equal(typeof (await elsewhere), 'number');
    assert.equal(await here, await elsewhere);
  });

  test('count for each address that comes with the same', async () => {
    const rig = await rigWithAlice();
    const addresses = ['10.0.0.1', '10.0.0.2'];
    for (const guess of guesses(10)) {
      await Promise.all(addresses.map((address) => rig.logIn('alice', guess, address)));
    }
    for (const address of addresses) {
      assert.equal(await rig.logIn('alice', 'right', address), 'tooManyFailures');
    }
  });

  test('do not count when the password is right', async () => {
    const rig = await rigWithAlice();
    for (let n = 0; n < 30; n += 1) {
      await rig.setPassword('alice', `${n}`);
      assert.equal(typeof (await rig.logIn('alice', `${n}`)), 'number');
    }
  });

  test('of an unknown user cost as much as of a known one', async () => {
    const rig = await rigWithAlice();
    // That of nobody is computed once, at the start.
    await rig.logIn('eve', 'w');
    const forKnown = countHashes();
    assert.equal(await rig.logIn('alice', 'x'), 'unauthorized');
    assert.equal(forKnown.end(), 1);
    const forUnknown = countHashes();
    assert.equal(await rig.logIn('eve', 'x'), 'unauthorized');
    assert.equal(forUnknown.end(), 1);
  });
});
