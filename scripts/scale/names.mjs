import { ask, inParallel } from './lock-client.mjs';
import { bytesEach, megabytes, residentBytes } from './process-usage.mjs';

const stepsPerRun = 10;
const width = 64;

/**
 * Takes a lock of each name, and leaves it held: does the last one cost what the first did?
 * @param {import('../scale.mjs').ScaleCluster} cluster
 * @param {import('../scale.mjs').Sizes} sizes
 */
export async function measureNames({ leader, pids }, { locks }) {
  console.log(`${locks} locks, each held; ${width} clients ask the leader\n`);
  const before = pids.map(residentBytes);
  const step = Math.ceil(locks / stepsPerRun);
  console.log('  locks held   acquired per s   members hold');
  for (let first = 0; first < locks; first += step) {
    const count = Math.min(step, locks - first);
    const startedAt = performance.now();
    await inParallel(count, width, (number) => acquire(leader, first + number));
    const perSecond = (count * 1000) / (performance.now() - startedAt);
    console.log(
      `  ${String(first + count).padStart(10)}   ${perSecond.toFixed(0).padStart(14)}   ` +
        pids.map((pid) => megabytes(residentBytes(pid))).join('  '),
    );
  }
  const perLock = bytesEach(pids, before, locks);
  console.log(`\n  resident bytes per lock and member: ${perLock.join('  ')}\n`);
}

/**
 * @param {number} port
 * @param {number} number
 */
async function acquire(port, number) {
  const { status, body } = await ask(port, 'POST', `/mod/v2/lock/scale/${number}?ttl=3600`);
  if (status !== 200) throw new Error(`lock ${number} was not acquired: ${status} ${body}`);
}
