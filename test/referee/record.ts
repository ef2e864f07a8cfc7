// Asks a real etcd and writes down what it says: `npm run referee:record`.
import { writeFileSync } from 'node:fs';
import { essenceOf } from './essence.js';
import { Etcd, installedEtcd } from './etcd.js';
import { ask } from './exchange.js';
import { Line } from './line.js';
import { randomScene } from './random-scene.js';
import { type Scene, writtenScenes } from './scene.js';
import {
  encodeTranscripts,
  nominalMs,
  openMs,
  type Step,
  type Transcript,
  transcriptPath,
} from './transcript.js';

const randomSeeds = 16;
const questionsPerSeed = 130;

/** A conversation that took longer would show times that a replay cannot know. */
const delayMaxMs = 400;

const version = installedEtcd();
if (version === undefined) throw new Error('etcd is not installed: apt-get install etcd-server');
const scenes = [...writtenScenes()];
for (let seed = 1; seed <= randomSeeds; seed += 1) scenes.push(randomScene(seed, questionsPerSeed));
const transcripts: Transcript[] = [];
for (const scene of scenes) transcripts.push(await record(scene));
const text = encodeTranscripts(version, transcripts);
writeFileSync(transcriptPath, text);
const exchanges = transcripts.reduce((sum, { steps }) => sum + steps.length, 0);
console.log(`${transcripts.length} conversations, ${exchanges} steps, ${text.length >> 10} KiB`);

async function record(scene: Scene): Promise<Transcript> {
  for (let attempt = 1; attempt <= 5; attempt += 1) {
    const { transcript, delayMs } = await recordOnce(scene);
    if (delayMs < delayMaxMs) return transcript;
    console.log(`${scene.name}: ${delayMs.toFixed(0)} ms late, once more`);
  }
  throw new Error(`this machine is too busy to record "${scene.name}"`);
}

async function recordOnce(scene: Scene): Promise<{ transcript: Transcript; delayMs: number }> {
  await using etcd = await Etcd.start();
  using line = new Line(etcd.port, openMs);
  const steps: Step[] = [];
  const { headers } = await line.ask(ask('PUT', '/v2/keys/_base', 'value=here'));
  const base = Number(headers.find(([name]) => name === 'X-Etcd-Index')?.[1]);
  const startedAt = performance.now();
  await scene.play({
    ask: async (question) => {
      const answer = await line.ask(question);
      const essence = essenceOf(answer, Date.now());
      steps.push({ type: 'ask', question, essence });
      return answer;
    },
    pause: async (ms) => {
      await new Promise((resolve) => setTimeout(resolve, ms));
      steps.push({ type: 'pause', ms });
    },
  });
  const nominal = steps.reduce((sum, step) => sum + nominalMs(step), 0);
  const delayMs = performance.now() - startedAt - nominal;
  return { transcript: { name: scene.name, base, steps }, delayMs };
}
