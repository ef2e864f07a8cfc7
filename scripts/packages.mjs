import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('..', import.meta.url));
const nodeModules = join(root, 'node_modules');

// The stamps live in node_modules, so that whoever deletes it gets a fresh install and a fresh
// build.
const installStamp = join(nodeModules, '.conclave-installed');
const buildStamp = join(nodeModules, '.conclave-built');
const dashboardStamp = join(nodeModules, '.conclave-dashboard-built');

const dist = join(root, 'dist');

/** What is installed depends on these; a change of any of them asks for a new install. */
function installKey() {
  const hash = createHash('sha256');
  hash.update(readFileSync(join(root, 'package-lock.json')));
  hash.update(`${process.platform} ${process.arch} ${process.versions.modules}`);
  return hash.digest('hex');
}

/**
 * The page for browsers is built apart from the server.
 * @param {string} file
 */
const isOfDashboard = (file) => file.startsWith('src/dashboard/');

/** What the server in dist/ is made from. */
function buildKey() {
  const sources = ['tsconfig.json', 'tsconfig.build.json', 'package-lock.json'];
  return keyOf([...sources, ...filesUnder('src').filter((file) => !isOfDashboard(file))]);
}

/** What dist/dashboard is made from. */
function dashboardKey() {
  const sources = ['scripts/build-dashboard.mjs', 'package-lock.json'];
  return keyOf([...sources, ...filesUnder('src/dashboard')]);
}

/**
 * Contents, not times: a checkout or a copy gives every file a new time.
 * @param {readonly string[]} files
 */
function keyOf(files) {
  const hash = createHash('sha256');
  for (const file of files) {
    hash.update(`${file}\0`);
    hash.update(readFileSync(join(root, file)));
  }
  return hash.digest('hex');
}

/**
 * Returns whether there was anything to do.
 * @param {() => void} announce called before it begins
 */
export function install(announce) {
  const key = installKey();
  if (stampOf(installStamp) === key) return false;
  announce();
  // Nothing needs an install script: the native parts come built inside their packages.
  run('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error']);
  writeFileSync(installStamp, key);
  return true;
}

/**
 * Returns whether there was anything to do.
 * @param {() => void} announce called before it begins
 */
export function build(announce) {
  const key = buildKey();
  if (stampOf(buildStamp) === key && existsSync(join(dist, 'main.js'))) return false;
  announce();
  rmSync(buildStamp, { force: true });
  for (const name of existsSync(dist) ? readdirSync(dist) : []) {
    if (name !== 'dashboard') rmSync(join(dist, name), { recursive: true });
  }
  const tsc = join(nodeModules, 'typescript', 'bin', 'tsc');
  run(process.execPath, [tsc, '-p', 'tsconfig.build.json']);
  // Others compile against the client, so it has declarations, too.
  run(process.execPath, [tsc, '-p', join('src', 'client')]);
  writeFileSync(buildStamp, key);
  return true;
}

/**
 * Returns whether there was anything to do.
 * @param {() => void} announce called before it begins
 */
export function buildDashboard(announce) {
  const key = dashboardKey();
  const page = join(dist, 'dashboard', 'index.html');
  if (stampOf(dashboardStamp) === key && existsSync(page)) return false;
  announce();
  rmSync(dashboardStamp, { force: true });
  run(process.execPath, [join(root, 'scripts', 'build-dashboard.mjs')]);
  writeFileSync(dashboardStamp, key);
  return true;
}

/**
 * Paths relative to the root, in an order that does not depend on the file system.
 * @param {string} folder
 */
export function filesUnder(folder) {
  const base = join(root, folder);
  if (!existsSync(base)) return [];
  return readdirSync(base, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length))
    .sort();
}

/** @param {string} file */
function stampOf(file) {
  return existsSync(file) ? readFileSync(file, 'utf8') : undefined;
}

/**
 * @param {string} command
 * @param {readonly string[]} args
 */
function run(command, args) {
  const result = spawnSync(command, args, { cwd: root, encoding: 'utf8' });
  if (result.error !== undefined) throw new Error(`${command}: ${result.error.message}`);
  if (result.status === 0) return;
  process.stderr.write(result.stdout + result.stderr);
  throw new Error(`${command} ${args.join(' ')} failed with exit code ${result.status}`);
}
