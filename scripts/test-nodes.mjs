// What depends on Node itself, on each version that is supported: `npm run test:nodes`. The package
// `node` of the npm registry brings the versions. Numbers can be given to run some only:
// `npm run test:nodes -- 22`.
import { spawnSync } from 'node:child_process';
import { root } from './packages.mjs';

const supported = ['20', '22', '24'];
const stages = ['unit', 'api', 'test/cluster/across-members.test.ts'];

const versions = process.argv.length > 2 ? process.argv.slice(2) : supported;
for (const version of versions) {
  const node = ['--yes', '-p', `node@${version}`, '--', 'node'];
  const { stdout } = spawnSync('npx', [...node, '--version'], { cwd: root, encoding: 'utf8' });
  if (!stdout.startsWith(`v${version}.`)) {
    console.error(`Node ${version} can't be run: "npx ${node.join(' ')}" gave "${stdout.trim()}".`);
    process.exitCode = 1;
    continue;
  }
  console.log(`Node ${stdout.trim()}`);
  const args = [...node, 'scripts/test.mjs', ...stages];
  const { status } = spawnSync('npx', args, { cwd: root, stdio: 'inherit' });
  if (status !== 0) process.exitCode = 1;
}
