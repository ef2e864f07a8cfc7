import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ApiServer } from '../support/api-server.js';
import { type Essence, essenceOf } from './essence.js';
import { ask, describe, type Question } from './exchange.js';
import { Line } from './line.js';
import { nominalMs, readTranscripts, type Transcript } from './transcript.js';
import { wantedDifferences } from './wanted-differences.js';

/** In one process an answer that is not over by then waits for something. */
const patienceMs = 30;

interface Asked {
  readonly question: Question;
  readonly essence: Essence;
}

const transcripts = readTranscripts();

for (const transcript of transcripts) {
  test(`etcd's answers are ours: ${transcript.name}`, async () => await replay(transcript));
}

async function replay({ base, steps }: Transcript): Promise<void> {
  await using server = await ApiServer.start();
  using line = new Line(server.port, patienceMs);
  await reach(server, line, base);
  for (const step of steps) {
    server.clock.advance(nominalMs(step));
    if (step.type === 'pause') server.coordinator.expire();
    else await compare(server, line, step);
  }
}

/**
 * As many writes of the one key that a recording begins with as bring the index to where it was.
 */
async function reach(server: ApiServer, line: Line, base: number): Promise<void> {
  while (server.coordinator.state.etcdIndex < base) {
    await line.ask(ask('PUT', '/v2/keys/_base', 'value=here'));
  }
  assert.equal(server.coordinator.state.etcdIndex, base);
}

async function compare(server: ApiServer, line: Line, { question, essence }: Asked): Promise<void> {
  const ours = essenceOf(await line.ask(question), server.wallNow());
  const difference = wantedDifferences.find(({ concerns }) => concerns(question));
  if (difference === undefined) assert.deepEqual(ours, essence, describe(question));
  else assert.ok(difference.accepts(ours), `${describe(question)}: ${difference.what}`);
}

test('each difference that is wanted is seen, and by etcd too', () => {
  const questions = transcripts.flatMap(({ steps }) =>
    steps.flatMap((step) => (step.type === 'ask' ? [step] : [])),
  );
  for (const { what, concerns, accepts } of wantedDifferences) {
    const seen = questions.filter(({ question }) => concerns(question));
    assert.ok(
      seen.some(({ essence }) => !accepts(essence)),
      what,
    );
  }
});
