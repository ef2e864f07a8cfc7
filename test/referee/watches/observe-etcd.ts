import type { Etcd } from '../etcd.js';
import { type AllTold, play } from './play.js';
import type { Scene } from './scene.js';

/** Nobody says when a watch will be told no more; this is long for two processes of one machine. */
const quietMs = 120;

/** Plays the scene with a real etcd. */
export async function observe(etcd: Etcd, scene: Scene): Promise<AllTold> {
  const server = { port: etcd.port, letExpire: () => Promise.resolve() };
  return await play(server, scene, async (told) => {
    let last = '';
    let changedAt = performance.now();
    while (performance.now() - changedAt < quietMs) {
      const now = JSON.stringify(told());
      if (now !== last) changedAt = performance.now();
      last = now;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  });
}
