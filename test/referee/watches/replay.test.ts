import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ApiServer } from '../../support/api-server.js';
import { compare } from './compare.js';
import { writtenScenes } from './scene.js';
import { readTranscripts } from './transcript.js';

const transcripts = readTranscripts();

for (const { scene, told } of transcripts) {
  test(`watches are told what etcd's are: ${scene.name}`, async () => {
    await using server = await ApiServer.start();
    await compare(server, scene, told);
  });
}

test('every written scene was recorded as it is written', () => {
  const recorded = transcripts.map(({ scene }) => scene);
  for (const scene of writtenScenes()) {
    assert.deepEqual(
      recorded.find(({ name }) => name === scene.name),
      scene,
    );
  }
});
