import { test } from 'node:test';
import { ApiServer } from '../../support/api-server.js';
import { Etcd, installedEtcd } from '../etcd.js';
import { compare } from './compare.js';
import { observe } from './observe-etcd.js';
import { randomScene } from './random-scene.js';

/** Others than those that were recorded. */
const seeds = Array.from({ length: 10 }, (_, position) => 1001 + position);

const skip = installedEtcd() === undefined ? 'etcd is not installed' : false;

test('watches of a real etcd and ours are told the same', { skip }, async () => {
  await using etcd = await Etcd.start();
  for (const seed of seeds) {
    const scene = randomScene(seed, 50);
    await using server = await ApiServer.start();
    await compare(server, scene, await observe(etcd, scene));
  }
});
