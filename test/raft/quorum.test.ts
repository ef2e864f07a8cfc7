import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { hasMajority, majority, outcome, reachedByMajority } from '../../src/raft/quorum.js';
import { id } from './peer.js';

test('a majority is more than half, for one to nine voters', () => {
  const sizes = [1, 2, 3, 4, 5, 6, 7, 8, 9];
  assert.deepEqual(sizes.map(majority), [1, 2, 2, 3, 3, 4, 4, 5, 5]);
});

test('what a majority has reached is the greatest value that more than half have', () => {
  const values = fc.array(fc.integer({ min: 0, max: 5 }), { minLength: 1, maxLength: 9 });
  fc.assert(
    fc.property(values, (reached) => {
      const holds = (value: number) =>
        reached.filter((one) => one >= value).length * 2 > reached.length;
      const expected = [5, 4, 3, 2, 1, 0].find(holds);
      assert.equal(reachedByMajority(reached), expected);
    }),
  );
});

test('a campaign is won by a majority of grants, lost when none is possible any more, else open', () => {
  const answer = fc.constantFrom(true, false, undefined);
  fc.assert(
    fc.property(fc.array(answer, { minLength: 1, maxLength: 9 }), (given) => {
      const voters = given.map((_, position) => id(String(position)));
      const answers = new Map(
        voters.flatMap((voter, position) => {
          const granted = given[position];
          return granted === undefined ? [] : [[voter, granted] as const];
        }),
      );
      const grants = given.filter((one) => one === true).length;
      const possible = given.filter((one) => one !== false).length;
      const half = given.length / 2;
      const expected = grants > half ? 'won' : possible > half ? 'open' : 'lost';
      assert.equal(outcome(voters, answers), expected);
    }),
  );
});

test('the answer of somebody who is no voter has no weight', () => {
  const answers = new Map(['d', 'e', 'f'].map((name) => [id(name), true]));
  assert.equal(outcome([id('a'), id('b'), id('c')], answers), 'open');
});

test('without voters nothing is ever decided', () => {
  assert.equal(reachedByMajority([]), 0);
  assert.equal(
    hasMajority([], () => true),
    false,
  );
  assert.notEqual(outcome([], new Map([[id('a'), true]])), 'won');
});
