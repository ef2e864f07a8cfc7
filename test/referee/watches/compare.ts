import assert from 'node:assert/strict';
import type { ApiServer } from '../../support/api-server.js';
import { type AllTold, play } from './play.js';
import type { Scene } from './scene.js';
import { agrees } from './wanted-differences.js';

/**
 * In one process an event that is due comes at once. One that is missing after this time does not
 * come.
 */
const patienceMs = 2000;

/** Plays the scene here, and compares what its watches are told with what etcd's were. */
export async function compare(server: ApiServer, scene: Scene, theirs: AllTold): Promise<void> {
  const ours = await play(
    {
      port: server.port,
      letExpire: () => {
        server.clock.advance(1500);
        server.coordinator.expire();
        return Promise.resolve();
      },
    },
    scene,
    async (told) => {
      const deadline = performance.now() + patienceMs;
      while (differing(scene, theirs, told()).length > 0 && performance.now() < deadline) {
        await new Promise((resolve) => setImmediate(resolve));
      }
    },
  );
  for (const name of differing(scene, theirs, ours)) {
    assert.deepEqual(ours[name], theirs[name], `${scene.name}: ${targetOf(scene, name)}`);
    assert.fail(`${scene.name}: ${targetOf(scene, name)} is not told what it is to be told`);
  }
}

function differing(scene: Scene, theirs: AllTold, ours: AllTold): readonly string[] {
  return Object.keys(theirs).filter((name) => {
    const [one, other] = [theirs[name], ours[name]];
    return one === undefined || other === undefined || !agrees(targetOf(scene, name), one, other);
  });
}

function targetOf({ steps }: Scene, name: string): string {
  const step = steps.find((each) => each.type === 'watch' && each.name === name);
  return step?.type === 'watch' ? step.target : '';
}
