import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { patient, RealCluster } from './real-cluster.js';
import { shell } from './shell.js';

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
    assert.equal(session.length, 5);
    const script = `set -eu\ncd '${scratch}'\n${here(session.join('echo "---"\n'))}`;
    const { code, stdout, stderr } = await shell(
      `timeout 60 sh -c '${script.replaceAll("'", "'\\''")}'`,
    );
    assert.equal(code, 0, `${stdout}\n${stderr}`);
    const [taken, held, fenced = '', elected = '', shared] = stdout.split('---\n');
    assert.equal(taken, '');
    assert.match(held ?? '', /^working with \d+\nit was ours all the time\n$/);
    assert.match(fenced, /"action":"set".*"value":"new"/);
    assert.match(fenced, /"errorCode":101.*\n.*still ours\n$/, 'the late write is refused');
    assert.match(elected, /^host1\d+host1$/);
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
});
