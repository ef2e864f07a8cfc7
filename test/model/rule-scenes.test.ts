import assert from 'node:assert/strict';
import { register } from 'node:module';
import { describe, test } from 'node:test';
import { returnedIn, votersIn } from './log-members.js';

register('./open-fields.mjs', import.meta.url);
const { explore } = await import('./explore.js');
const { ruleScenes } = await import('./rule-scenes.js');

describe('what happens next breaks no promise', () => {
  for (const scene of ruleScenes) {
    test(`when ${scene.about}`, () => {
      const limits = { statesMax: 1000, depthMax: 1000, secondsMax: 250 };
      const { failure, states } = explore(scene, { ...limits, reactionsMax: 0, progress() {} });
      assert.equal(failure, undefined, failure?.join('\n'));
      assert.ok(states > 50, `${states} states prove too little`);
    });
  }
});

test('the voters of a log are those of its latest change', () => {
  assert.deepEqual(votersIn(['1-noop', '1-a'], ['a', 'b']), ['a', 'b']);
  assert.deepEqual(votersIn(['1-noop', '1-ab|c|', '2-abc||', '2-b'], []), ['a', 'b', 'c']);
});

test('who was removed, and is a member again, is found', () => {
  assert.deepEqual(returnedIn(['1-noop', '1-ab||c', '1-a']), []);
  assert.deepEqual(returnedIn(['1-ab||c', '1-ab|c|c']), ['c']);
});
