// Writes down what a real etcd tells its watches:
// `node --import tsx test/referee/watches/record.ts`.
import { writeFileSync } from 'node:fs';
import { Etcd, installedEtcd } from '../etcd.js';
import { observe } from './observe-etcd.js';
import { randomScene } from './random-scene.js';
import { writtenScenes } from './scene.js';
import { encodeTranscripts, type Transcript, transcriptPath } from './transcript.js';

const randomScenes = 40;
const stepsPerScene = 40;

const version = installedEtcd();
if (version === undefined) throw new Error('etcd is not installed: apt-get install etcd-server');
await using etcd = await Etcd.start();
const scenes = [...writtenScenes()];
for (let seed = 1; seed <= randomScenes; seed += 1) scenes.push(randomScene(seed, stepsPerScene));
const transcripts: Transcript[] = [];
for (const scene of scenes) transcripts.push({ scene, told: await observe(etcd, scene) });
const text = encodeTranscripts(version, transcripts);
writeFileSync(transcriptPath, text);
const watches = transcripts.reduce((sum, { told }) => sum + Object.keys(told).length, 0);
console.log(`${transcripts.length} scenes, ${watches} watches, ${text.length >> 10} KiB`);
