import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { patient, RealCluster } from './real-cluster.js';
import { shell } from './shell.js';
import { until } from './until.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const page = readFileSync(join(root, 'docs', 'locks.md'), 'utf8');

function blocks(language: string): readonly string[] {
  const fence = new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\`$`, 'gm');
  return [...page.matchAll(fence)].map(([, block = '']) => block);
}

describe('every example of docs/locks.md does what it says', () => {
  let real: RealCluster;
  let scratch: string;
  before(async () => {
    real = await RealCluster.start(patient);
    scratch = mkdtempSync(join(tmpdir(), 'conclave-locks-page-'));
  });
  after(async () => {
    await real[Symbol.asyncDispose]();
    rmSync(scratch, { recursive: true, force: true });
  });

  const here = (text: string) =>
    text.replaceAll(/http:\/\/127\.0\.0\.1:400([123])/g, (_, digit) =>
      real.url(`node${digit}`, ''),
    );

  test('those in shell, one after the other, as one session', async () => {
    const session = blocks('sh');
    assert.equal(session.length, 6);
    const script = `set -eu\ncd '${scratch}'\n${here(session.join('echo "---"\n'))}`;
    const { code, stdout, stderr } = await shell(
      `timeout 60 sh -c '${script.replaceAll("'", "'\\''")}'`,
    );
    assert.equal(code, 0, `${stdout}\n${stderr}`);
    const [taken, waited, held, fenced = '', elected = '', shared] = stdout.split('---\n');
    assert.equal(taken, '');
    assert.equal(waited, '');
    assert.match(held ?? '', /^working with \d+\nit was ours all the time\n$/);
    assert.match(fenced, /"action":"set".*"value":"new"/);
    assert.match(fenced, /"errorCode":101.*\n.*still ours\n$/, 'the late write is refused');
    assert.match(elected, /^host1\d+host1\n$/);
    assert.match(shared ?? '', /^\d+\n\d+\n409\n$/);
  });

  test('that in TypeScript', async () => {
    const [program = '', ...more] = blocks('ts');
    assert.deepEqual(more, []);
    const file = join(scratch, 'with-lock.mts');
    writeFileSync(file, program);
    const { code, stdout, stderr } = await shell(
      `cd '${root}' && CONCLAVE=${real.url('node2', '')} timeout 60 node --import tsx '${file}'`,
    );
    assert.equal(code, 0, stderr);
    assert.match(stdout, /^written as \d+: 201\n$/);
    const held = await real.get('node3', '/mod/v2/lock/reports/nightly?field=index');
    assert.equal(await held.text(), '', 'it was released at the end');
  });

  test('that in TypeScript keeps its place through silence that fetch does not bear', async () => {
    const { body: holder } = await ask('node1', 'value=holder');
    const silence = `const key = Symbol.for('undici.globalDispatcher.1');
      await fetch('data:,');
      const Agent = globalThis[key].constructor;
      globalThis[key] = new Agent({ headersTimeout: 4000, bodyTimeout: 4000 });`;
    const program = blocks('ts').join('').replace('timeout=20', 'timeout=2');
    const file = join(scratch, 'impatient.mts');
    writeFileSync(file, `${silence}\n${program}`);
    const run = shell(
      `cd '${root}' && CONCLAVE=${real.url('node2', '')} timeout 60 node --import tsx '${file}'`,
    );
    const queue = async () => (await view()).queue.length;
    await until(async () => (await queue()) === 1, 'it waits', 20_000);
    const [place] = (await view()).queue;
    const behind = ask('node3', 'value=behind&timeout=40');
    await until(async () => (await queue()) === 2, 'another waits behind it');
    const waitsSince = performance.now();
    await until(() => performance.now() - waitsSince > 9000, 'more than the silence has passed');
    assert.equal((await ask('node1', `index=${holder}`, 'DELETE')).status, 200);
    const { code, stdout, stderr } = await run;
    assert.equal(code, 0, stderr);
    assert.equal(stdout, `written as ${place?.index}: 200\n`);
    const { status, body } = await behind;
    assert.equal(status, 200, 'then it is the turn of the one behind');
    await ask('node3', `index=${body}`, 'DELETE');
  });

  const ask = async (member: string, query: string, method = 'POST') => {
    const ttl = method === 'POST' ? 'ttl=60&' : '';
    const url = real.url(member, `/mod/v2/lock/reports/nightly?${ttl}${query}`);
    const answer = await fetch(url, { method });
    return { status: answer.status, body: await answer.text() };
  };

  const view = async (): Promise<{ readonly queue: readonly { readonly index: number }[] }> => {
    const headers = { Accept: 'application/json' };
    const url = real.url('node1', '/mod/v2/lock/reports/nightly');
    return JSON.parse(await (await fetch(url, { headers })).text());
  };
});
