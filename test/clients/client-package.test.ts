import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { build, root } from '../../scripts/packages.mjs';

describe('the client as a package of its own', () => {
  let scratch: string;
  let archive: string;
  before(() => {
    build(() => {});
    scratch = mkdtempSync(join(tmpdir(), 'conclave-client-'));
    const pack = join(root, 'scripts', 'pack-client.mjs');
    archive = run(process.execPath, [pack, '--to', scratch]).trim();
    mkdirSync(join(scratch, 'app'));
    writeFileSync(join(scratch, 'app', 'package.json'), '{"type":"module"}');
    // Nothing may be fetched: the package has to need nothing.
    run('npm', ['install', '--offline', '--no-audit', '--no-fund', archive], 'app');
  });
  after(() => rmSync(scratch, { recursive: true, force: true }));

  function run(command: string, args: readonly string[], folder = '.'): string {
    const cwd = join(scratch, folder);
    const { status, stdout, stderr } = spawnSync(command, args, { cwd, encoding: 'utf8' });
    assert.equal(status, 0, `${command} ${args.join(' ')}: ${stdout}${stderr}`);
    return stdout;
  }

  const installed = (file: string) =>
    readFileSync(join(scratch, 'app', 'node_modules', 'conclave-client', file), 'utf8');

  test('is small, and brings nothing with it', () => {
    assert.ok(statSync(archive).size < 20_000);
    const packages = readdirSync(join(scratch, 'app', 'node_modules'));
    assert.deepEqual(
      packages.filter((name) => !name.startsWith('.')),
      ['conclave-client'],
    );
    const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
    const manifest = JSON.parse(installed('package.json'));
    assert.deepEqual([manifest.version, manifest.dependencies], [version, undefined]);
  });

  test('is one module that imports nothing and names nothing of Node', () => {
    const code = installed('index.js');
    for (const foreign of [
      /\bimport\b/,
      /\brequire\b/,
      /['"`]node:/,
      /\bprocess\b/,
      /\bBuffer\b/,
    ]) {
      assert.ok(!foreign.test(code), String(foreign));
    }
  });

  test('runs where it is installed', () => {
    const program = `
      import { ConclaveClient } from 'conclave-client';
      const fetch = async () => new Response('5\\n');
      const client = new ConclaveClient({ endpoints: ['http://a'], fetch });
      await client.using('a', {}, async ({ token }) => console.log(token));`;
    assert.equal(run(process.execPath, ['--input-type=module', '-e', program], 'app'), '5\n');
  });

  test('is the module that the server package exports as conclave/client', async () => {
    const { exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
    const { types, default: code } = exports['./client'];
    const module = await import(join(root, code));
    const packed = await import(
      join(scratch, 'app', 'node_modules', 'conclave-client', 'index.js')
    );
    assert.deepEqual(Object.keys(packed).sort(), Object.keys(module).sort());
    assert.ok(statSync(join(root, types)).isFile());
  });

  describe('has types', () => {
    const opening = `
      import { ConclaveClient, type Lock } from 'conclave-client';
      const client = new ConclaveClient({ endpoints: ['http://a'] });`;

    const right = `
      export async function work(stop: AbortSignal): Promise<string | undefined> {
        const lock: Lock = await client.lock('a', { ttl: 9, timeout: 0, mode: 'shared', signal: stop });
        const token: number = lock.token;
        if (lock.held && !lock.signal.aborted) await lock.renew();
        await client.keys.set('k', 'v', { ttl: 9, lock, leader: { name: 'b', token } });
        await client.keys.compareAndSwap('k', 'v', { prevIndex: 3 }, { idempotent: true });
        for await (const told of client.keys.watch('k', { since: 1, signal: stop })) {
          if (told.type === 'resync') return told.node?.value;
          return told.prevNode?.value;
        }
        for await (const { leader } of client.observe('b')) return leader;
        return await client.using('a', {}, async ({ token }) => String(token));
      }`;
    const wrong = [
      `await client.lock('a', { ttl: '9' });`,
      `await client.lock('a', { mode: 'exclusiv' });`,
      `await client.elect('a', {});`,
      `await client.keys.compareAndSwap('k', 'v');`,
      `await client.keys.compareAndSwap('k', 'v', {});`,
      `await client.keys.set('k', 3);`,
      `await client.keys.set('k', 'v', { lock: 5 });`,
      `await client.release('a', {});`,
      `const value: string = await client.keys.get('k');`,
      `for await (const told of client.keys.watch('k')) console.log(told.node.value);`,
      `(await client.lock('a')).token = 3;`,
      `new ConclaveClient({});`,
    ];

    /** By the body of each program, in one run of the compiler of those who write for browsers. */
    let faults: ReadonlyMap<string, readonly string[]>;
    before(() => {
      const bodies = [right, ...wrong];
      const files = bodies.map((_, at) => `program${at}.ts`);
      for (const [at, file] of files.entries()) {
        writeFileSync(join(scratch, 'app', file), `${opening}\n${bodies[at]}\n`);
      }
      const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
      const options = ['--noEmit', '--strict', '--module', 'nodenext', '--target', 'es2022'];
      const libraries = ['--lib', 'es2023,esnext.disposable,dom', '--types', ''];
      const { stdout } = spawnSync(process.execPath, [tsc, ...options, ...libraries, ...files], {
        cwd: join(scratch, 'app'),
        encoding: 'utf8',
      });
      const lines = stdout.split('\n').filter((line) => / error /.test(line));
      const linesOf = (file: string) => lines.filter((line) => line.startsWith(`${file}(`));
      faults = new Map(bodies.map((body, at) => [body, linesOf(files[at] ?? '')]));
      assert.equal([...faults.values()].flat().length, lines.length, stdout);
    });

    test('for all that it does', () => {
      assert.deepEqual(faults.get(right), []);
    });

    for (const line of wrong) {
      test(`that refuse: ${line}`, () => {
        assert.equal(faults.get(line)?.length, 1, faults.get(line)?.join('\n'));
      });
    }
  });
});
