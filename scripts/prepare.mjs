// Makes a fresh clone ready to run: installs what the lock file says and builds dist/, each only
// when needed (with --install-only it does not build). It runs before anything is installed, so it
// uses nothing but Node itself.
import { messageOf } from './error-message.mjs';
import { build, buildDashboard, install } from './packages.mjs';

requireNode(20, 19);
try {
  step('Installing packages', install);
  if (!process.argv.includes('--install-only')) {
    step('Building', build);
    step('Building the dashboard', buildDashboard);
  }
} catch (error) {
  console.error(messageOf(error));
  process.exit(1);
}

/**
 * @param {string} name
 * @param {(announce: () => void) => boolean} work returns whether there was anything to do
 */
function step(name, work) {
  const startedAt = performance.now();
  if (!work(() => console.log(`${name} …`))) return;
  console.log(`${name} took ${((performance.now() - startedAt) / 1000).toFixed(1)} s.`);
}

/**
 * @param {number} major
 * @param {number} minor
 */
function requireNode(major, minor) {
  const [actualMajor = 0, actualMinor = 0] = process.versions.node.split('.').map(Number);
  if (actualMajor > major || (actualMajor === major && actualMinor >= minor)) return;
  console.error(
    `Conclave needs Node.js ${major}.${minor} or newer; this is ${process.versions.node}.`,
  );
  process.exit(1);
}
