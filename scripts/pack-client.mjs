// Packs the client as a package of its own, without the server and its dependencies. Prints the
// path of the archive.
import { spawnSync } from 'node:child_process';
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { build, transformWithEsbuild } from 'vite';
import { readArguments } from './arguments.mjs';
import { root } from './packages.mjs';

const usage = `npm run pack:client -- [--to FOLDER]
  --to FOLDER  where to put the archive (default: this one)`;

/** Whoever loads the client into a page pays for each byte. */
const bytesMax = 20_000;

const { values } = readArguments({ options: { to: { type: 'string' } } });
if (values.to === '') {
  console.error(usage);
  process.exit(2);
}
const scratch = mkdtempSync(join(tmpdir(), 'conclave-pack-'));
try {
  console.log(await pack(scratch, resolve(values.to ?? root)));
} finally {
  rmSync(scratch, { recursive: true });
}

/**
 * @param {string} folder is filled with what is packed
 * @param {string} destination
 */
async function pack(folder, destination) {
  const { version, license, engines, type } = JSON.parse(textOf('package.json'));
  const description = 'The client of Conclave: locks, leader election and keys';
  const entry = { types: './index.d.ts', default: './index.js' };
  const about = { name: 'conclave-client', version, description, license, type, engines };
  const manifest = { ...about, exports: { '.': entry }, sideEffects: false };
  writeFileSync(join(folder, 'package.json'), `${JSON.stringify(manifest, undefined, 2)}\n`);
  copyFileSync(join(root, 'LICENSE'), join(folder, 'LICENSE'));
  writeFileSync(join(folder, 'README.md'), readme());
  await compile(folder);
  mkdirSync(destination, { recursive: true });
  const packed = run('npm', ['pack', '--json', '--pack-destination', destination], folder);
  const archive = join(destination, JSON.parse(packed)[0].filename);
  const { size } = statSync(archive);
  if (size > bytesMax) throw new Error(`${archive} has ${size} bytes; the limit is ${bytesMax}`);
  return archive;
}

/** What docs/client.md says, but for the paragraph on how to come by the package. */
function readme() {
  return textOf('docs/client.md')
    .replace(/^In the folder of Conclave,[\s\S]*?\n\n/m, '')
    .replaceAll('conclave/client', 'conclave-client');
}

/**
 * One module, without comments: editors show those of the declarations.
 * @param {string} folder
 */
async function compile(folder) {
  const entry = join(root, 'src', 'client', 'index.ts');
  await build({
    configFile: false,
    logLevel: 'warn',
    build: {
      lib: { entry, formats: ['es'], fileName: () => 'index.js' },
      outDir: folder,
      emptyOutDir: false,
      target: 'es2022',
      minify: 'esbuild',
    },
  });
  // Vite leaves the spaces in a library, since it may be bundled again.
  const file = join(folder, 'index.js');
  const { code } = await transformWithEsbuild(readFileSync(file, 'utf8'), file, {
    minify: true,
    sourcemap: false,
  });
  writeFileSync(file, code);
  const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  run(process.execPath, [tsc, '-p', join(root, 'src', 'client'), '--outDir', folder], root);
  const needed = declarationsFrom('index', folder, new Set());
  for (const name of readdirSync(folder)) {
    if (name.endsWith('.d.ts') && !needed.has(name)) rmSync(join(folder, name));
  }
}

/**
 * The files whose types one can meet from that module on.
 * @param {string} module
 * @param {string} folder
 * @param {Set<string>} found
 */
function declarationsFrom(module, folder, found) {
  const name = `${module}.d.ts`;
  if (found.has(name)) return found;
  found.add(name);
  const text = readFileSync(join(folder, name), 'utf8');
  for (const [, next = ''] of text.matchAll(/from '\.\/([a-z-]+)\.js'/g)) {
    declarationsFrom(next, folder, found);
  }
  return found;
}

/**
 * @param {string} command
 * @param {readonly string[]} args
 * @param {string} cwd
 */
function run(command, args, cwd) {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd, encoding: 'utf8' });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}: ${stdout}${stderr}`);
  return stdout;
}

/** @param {string} path */
function textOf(path) {
  return readFileSync(join(root, path), 'utf8');
}
