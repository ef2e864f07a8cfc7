import assert from 'node:assert/strict';
import { register } from 'node:module';
import { describe, test } from 'node:test';
import type { Bounds } from './bounds.js';
import type { ExploreOptions } from './explore.js';
import type { Scene } from './scene.js';

register('./open-fields.mjs', import.meta.url);
const { explore } = await import('./explore.js');
const { begin } = await import('./scene.js');
const { smallScenes } = await import('./scenes.js');
const { Search } = await import('./search.js');
const { Outbox } = await import('../../src/raft/outbox.js');

const limits = { statesMax: 2_000_000, depthMax: 1000, secondsMax: 250 };
const options: ExploreOptions = { ...limits, reactionsMax: 300_000, progress: () => {} };

function sceneOf(name: string): Scene {
  const scene = smallScenes.find((each) => each.name === name);
  assert.ok(scene !== undefined, name);
  return scene;
}

describe('every promise holds in all that can happen', () => {
  for (const scene of smallScenes) {
    test(`when ${scene.about}`, () => {
      const { isWhole, failure, states } = explore(scene, options);
      assert.equal(failure, undefined, failure?.join('\n'));
      assert.ok(isWhole, `${states} states, and not the whole`);
      assert.ok(states > 100, `${states} states prove too little`);
    });
  }
});

test('a vote that is told before it is on disk is found, and confirmed by real cores', (context) => {
  const { send } = Outbox.prototype;
  const early: typeof send = function (this: InstanceType<typeof Outbox>, message, needs) {
    send.call(this, message, message.type === 'RequestVoteResponse' ? 0 : needs);
  };
  context.mock.method(Outbox.prototype, 'send', early);
  const { failure } = explore(sceneOf('votes'), options);
  assert.match(failure?.[0] ?? '', /^one leader per term/);
  assert.match(failure?.at(-1) ?? '', /with real cores breaks it too: one leader per term/);
  assert.ok(failure?.some((line) => line.includes('crashes')));
});

test('states that count as one hide nothing that the promises see', () => {
  const scene = sceneOf('votes');
  const bounds: Bounds = { ...scene.bounds, crashesMax: 0 };
  const seen = (reduced: boolean): ReadonlySet<string> => {
    const { cluster, record } = begin({ ...scene, bounds });
    const start = reduced ? cluster.reduce(record, options.reactionsMax) : record;
    assert.ok(start !== undefined);
    const search = new Search(cluster, start);
    while (search.run(1000, limits));
    assert.ok(search.isWhole);
    return new Set(search.factsOfAll());
  };
  const whole = seen(false);
  assert.ok(whole.size > 50);
  assert.deepEqual(seen(true), whole);
});
