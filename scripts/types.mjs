// Checks the types of everything: what runs in Node, and, with the DOM's types, what runs in a
// browser. The client runs in both, so it is checked with each of them.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { root } from './packages.mjs';

const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');

for (const project of ['.', 'src/client', 'src/dashboard', 'test/dashboard']) {
  const args = [tsc, '--noEmit', '-p', join(root, project)];
  const { status } = spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit' });
  if (status !== 0) process.exitCode = 1;
}
