import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Random } from '../simulation/random.js';
import { checkHistory, oneClock } from './check.js';
import { alone, type Claim, isTold, type LockOperation, type ToldOperation } from './operation.js';
import { type HistoryPlan, rightHistory } from './right-history.js';

const claims: Readonly<Record<string, readonly Claim[]>> = {
  'an exclusive lock': [alone],
  'a semaphore': [{ mode: 'exclusive', limit: 3 }],
  'readers and writers': [{ mode: 'shared', limit: 1 }, { mode: 'shared', limit: 1 }, alone],
};
const seeds = Array.from({ length: 10 }, (_, position) => position + 1);
const options = { ...oneClock, calm: [{ from: 0, to: 1e9 }], lateMsMax: 250 };

function plan(seed: number, own: Partial<HistoryPlan>): HistoryPlan {
  const unknown = [0, 0.05, 0.3][seed % 3] ?? 0;
  return { seed, clients: 2 + (seed % 7), operations: 300, claims: [alone], unknown, ...own };
}

describe('what a right service did is right, with answers late and lost', () => {
  for (const [kind, own] of Object.entries(claims)) {
    test(kind, async () => {
      for (const seed of seeds) {
        const history = await rightHistory(plan(seed, { claims: own }));
        assert.deepEqual(checkHistory(history, options), [], `seed ${seed}`);
      }
    });
  }

  test('also when 8 clients did 2000 things with one lock', async () => {
    const history = await rightHistory(plan(1, { clients: 8, operations: 2000, unknown: 0.1 }));
    assert.ok(history.length >= 2000);
    assert.deepEqual(checkHistory(history, options), []);
  });
});

/** Makes a right history wrong. Undefined: there is no place for it. */
type Mutation = (history: readonly LockOperation[], random: Random) => readonly LockOperation[];

const mutations: Readonly<Record<string, Mutation>> = {
  'the tokens of two who held one after the other are swapped': (history, random) => {
    const [one, other] = neighbours(history, random);
    const swap = (token: number) => {
      if (token === tokenOf(one)) return tokenOf(other);
      return token === tokenOf(other) ? tokenOf(one) : token;
    };
    return history.map((operation) => withToken(operation, swap));
  },
  'a token is granted to somebody else again': (history, random) => {
    const [one, other] = neighbours(history, random);
    return history.map((operation) =>
      operation === other ? withToken(other, () => tokenOf(one)) : operation,
    );
  },
  'a holder is told before the one before it asked to give back': (history, random) => {
    const [one, other] = neighbours(history, random);
    const given = releaseOf(one, history);
    assert.ok(given !== undefined);
    const end = given.start - 0.01;
    return history.map((operation) =>
      operation === other ? { ...other, start: Math.min(other.start, end), end } : operation,
    );
  },
  'a release is forgotten': (history, random) => {
    const [one] = neighbours(history, random);
    return history.filter((each) => each.type !== 'release' || each.token !== tokenOf(one));
  },
  'a release that succeeded is told to have found nothing': (history, random) => {
    const [one] = neighbours(history, random);
    return history.map((each) =>
      each.type === 'release' && each.token === tokenOf(one) ? { ...each, result: 'fail' } : each,
    );
  },
  'a look shows the holder of later': (history, random) => {
    const [one, other] = neighbours(history, random);
    const holder = { token: tokenOf(other), value: other.value };
    const { end } = one;
    return [
      ...history,
      {
        type: 'view',
        client: 'seer',
        lock: one.lock,
        start: end,
        end,
        holders: [holder],
        waiting: [],
      },
    ];
  },
  'somebody is refused when nobody held': (history) => {
    const [first] = history.toSorted((one, other) => one.start - other.start);
    assert.ok(first !== undefined);
    const { start, lock } = first;
    const times = { start: start - 2, end: start - 1 };
    const asked = { value: '', ttlMs: 1000, claim: alone, tryOnly: true, place: undefined };
    const result = { type: 'fail' } as const;
    return [...history, { type: 'acquire', client: 'loser', lock, ...times, ...asked, result }];
  },
};

describe('a right history is wrong once', () => {
  for (const [claim, mutation] of Object.entries(mutations)) {
    test(claim, async () => {
      for (const seed of seeds) {
        const history = await rightHistory(plan(seed, { clients: 6, unknown: 0 }));
        const mutated = mutation(history, new Random(seed, claim));
        assert.notDeepEqual(checkHistory(mutated, options), [], `seed ${seed} went unnoticed`);
      }
    });
  }
});

/** Two of no value, of whom the second was granted when the first gave back. */
function neighbours(
  history: readonly LockOperation[],
  random: Random,
): readonly [ToldOperation, ToldOperation] {
  const told = history.filter(isTold).sort((one, other) => tokenOf(one) - tokenOf(other));
  const pairs = told.flatMap((one, position) => {
    const other = told[position + 1];
    if (other === undefined || one.client === other.client) return [];
    if (one.value !== '' || other.value !== '') return [];
    const given = releaseOf(one, history);
    const waited = given !== undefined && other.start < given.start;
    // Otherwise its TTL could have been over as well.
    const isOfRelease = other.end < one.start + one.ttlMs;
    return waited && isOfRelease ? [[one, other] as const] : [];
  });
  return random.pick(pairs);
}

function releaseOf(
  one: ToldOperation,
  history: readonly LockOperation[],
): LockOperation | undefined {
  return history.find(
    (each) => each.type === 'release' && each.result === 'ok' && each.token === tokenOf(one),
  );
}

function tokenOf({ result }: ToldOperation): number {
  return result.token;
}

function withToken(operation: LockOperation, change: (token: number) => number): LockOperation {
  if (operation.type === 'view') return operation;
  if (operation.type !== 'acquire') return { ...operation, token: change(operation.token) };
  const { result } = operation;
  if (result.type !== 'ok') return operation;
  return { ...operation, result: { type: 'ok', token: change(result.token) } };
}
