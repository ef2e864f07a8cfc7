// Breaks one rule at a time in a copy of the project, and demands that a test notices: `npm run mutants`.
// Names can be given to run some only: `npm run mutants -- vote-before-disk`.
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { filesUnder, root } from './packages.mjs';

/** How many simulated runs a mutant gets before it counts as unnoticed. */
const seedsMax = 100;

const mutants = [
  {
    name: 'vote-before-disk',
    rule: 'a vote is told only when it is on disk',
    file: 'src/raft/state.ts',
    find: 'this.#outbox.send(message, this.#hardStateSequence);',
    replace: 'this.#outbox.send(message, 0);',
  },
  {
    name: 'commit-older-term',
    rule: 'an entry of an older term is not committed by counting replicas',
    file: 'src/raft/leader.ts',
    find: 'if (reached <= commitIndex || !log.matches(logIndex(reached), currentTerm)) return;',
    replace: 'void currentTerm; if (reached <= commitIndex) return;',
  },
  {
    name: 'truncate-on-stale-append',
    rule: 'a follower truncates only at a conflict',
    file: 'src/raft/follower.ts',
    find: `return ownTerm !== 'compacted' && ownTerm !== entry.term;`,
    replace: `return ownTerm !== 'compacted' && entry.index > this.#state.commitIndex;`,
  },
  {
    name: 'acknowledge-before-fsync',
    rule: 'an append is acknowledged only when its entries are on disk',
    file: 'src/raft/state.ts',
    find: 'Math.max(this.#hardStateSequence, this.#logSequence(index))',
    replace: 'Math.max(this.#hardStateSequence, 0 * this.#logSequence(index))',
  },
  {
    name: 'leader-counts-itself-early',
    rule: 'a leader counts itself only for what is on its own disk',
    file: 'src/raft/leader.ts',
    find: 'return this.#state.log.stableIndex;',
    replace: 'return this.#state.log.lastIndex;',
  },
  {
    name: 'read-without-round',
    rule: 'a read is served only after a round that began after it',
    file: 'src/raft/read-only.ts',
    find: 'const open = this.#batches.findIndex((batch) => batch.round > round);',
    replace: 'const open = this.#batches.findIndex((batch) => batch.round > round + 1);',
  },
  {
    name: 'unbounded-commit',
    rule: 'a follower commits no further than the last entry that the message verified',
    file: 'src/raft/follower.ts',
    find: 'const index = leaderCommit < verified ? leaderCommit : verified;',
    replace:
      'void verified; const index = leaderCommit < this.#state.log.lastIndex ? leaderCommit : this.#state.log.lastIndex;',
  },
  {
    name: 'renewal-grants-next',
    rule: 'a renewal by the holder grants nothing to the next',
    file: 'src/store/lock-commands.ts',
    find: `    this.#renewPlace(place, command.ttlMs, moment);
    return this.#placed(place);`,
    replace: `    this.#renewPlace(place, command.ttlMs, moment);
    if (place.behind !== undefined) this.#listeners.placeChanged(place.behind, 'granted');
    if (place.behind !== undefined) this.remove(place, 'delete', moment);
    return this.#placed(place);`,
  },
  {
    name: 'expiry-without-renewal-check',
    rule: 'an expiry has no effect when a renewal was ordered before it',
    file: 'src/store/time-commands.ts',
    find: 'if (node.deadline === undefined || node.deadline.renewal !== command.renewal) return false;',
    replace: 'if (node.deadline === undefined) return false;',
  },
  {
    name: 'expiry-of-another-term',
    rule: 'a leader that is none any more expires nothing',
    file: 'src/store/time-commands.ts',
    find: 'if (node instanceof Refusal || command.term !== moment.term) return false;',
    replace: 'if (node instanceof Refusal) return false;',
  },
  {
    name: 'results-not-in-snapshot',
    rule: 'the memory of applied commands is part of a snapshot',
    file: 'src/store/snapshot-records.ts',
    find: 'remembered.push({ memberId, sequence, result });',
    replace: 'if (sequence < 0) remembered.push({ memberId, sequence, result });',
  },
  {
    name: 'no-memory-of-applied',
    rule: 'a command that is applied twice has one effect',
    file: 'src/store/state-machine.ts',
    find: `if (admission.type === 'duplicate') return admission.result;`,
    replace: `if (admission.type === 'duplicate') return this.#run(command, undefined, moment);`,
  },
  {
    name: 'ttl-from-proposal',
    rule: 'a TTL runs from the apply, not from the proposal',
    file: 'src/store/state-machine.ts',
    find: 'const moment = { index: entry.index, term: entry.term, now, clusterTimeMs };',
    replace:
      'const late = Math.max(0, now - 40); const moment = { index: entry.index, term: entry.term, now: late, clusterTimeMs };',
  },
  {
    name: 'one-holder-too-many',
    rule: 'no more places hold together than the limit allows',
    file: 'src/store/queues.ts',
    find: 'return holders < limit ||',
    replace: 'return holders <= limit ||',
  },
  {
    name: 'readers-stay-behind-a-writer-that-left',
    rule: 'a writer that gives up between readers lets those behind it hold',
    file: 'src/store/lock-commands.ts',
    find: 'const granted = this.#grantWaiting(queue, moment);',
    replace: 'const granted = held && this.#grantWaiting(queue, moment);',
  },
  {
    name: 'fence-passes-who-waits',
    rule: 'a fenced write takes effect only while its place holds',
    file: 'src/store/fences.ts',
    find: 'placeAt(queue, index)?.holds === true',
    replace: 'placeAt(queue, index) !== undefined',
  },
];

process.exitCode = await main(process.argv.slice(2));

async function main(names) {
  const unknown = names.filter((name) => !mutants.some((mutant) => mutant.name === name));
  if (unknown.length > 0) {
    console.error(`No such mutant: ${unknown.join(', ')}.`);
    console.error(`Mutants: ${mutants.map(({ name }) => name).join(', ')}.`);
    return 2;
  }
  const chosen = names.length === 0 ? mutants : mutants.filter(({ name }) => names.includes(name));
  let survivors = 0;
  for (const mutant of chosen) if (!tryOut(mutant)) survivors += 1;
  console.log(`${chosen.length - survivors} of ${chosen.length} mutants were noticed`);
  return survivors > 0 ? 1 : 0;
}

function tryOut(mutant) {
  const copy = mkdtempSync(join(tmpdir(), 'conclave-mutant-'));
  try {
    for (const part of ['src', 'test', 'proto', 'package.json', 'tsconfig.json']) {
      cpSync(join(root, part), join(copy, part), { recursive: true });
    }
    symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
    mutate(join(copy, mutant.file), mutant);
    console.log(`${mutant.name}: ${mutant.rule}`);
    const simulation = noticedBySimulation(copy);
    console.log(`  simulation: ${simulation ?? `nothing noticed in ${seedsMax} seeds`}`);
    const unit = noticedByUnitTests(copy);
    console.log(`  unit tests: ${unit ?? 'nothing noticed'}`);
    return unit !== undefined || simulation !== undefined;
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}

function mutate(file, { name, find, replace }) {
  const text = readFileSync(file, 'utf8');
  if (text.split(find).length !== 2) {
    throw new Error(`${name}: the text to replace must stand once in ${file}`);
  }
  writeFileSync(
    file,
    text.replace(find, () => replace),
  );
}

/** The first test of the core or the store that fails. */
function noticedByUnitTests(copy) {
  const tests = ['test/raft', 'test/store']
    .flatMap((folder) => filesUnder(folder))
    .filter((file) => file.endsWith('.test.ts'));
  const { stdout } = run(copy, ['--import', 'tsx', '--test', '--test-reporter=tap', ...tests]);
  return /^\s*not ok \d+ - (?!.*\.test\.ts)(.*)$/m.exec(stdout)?.[1];
}

/** The seed that failed, and the promise that was broken. */
function noticedBySimulation(copy) {
  const args = ['--seed', '1', '--seeds', String(seedsMax)];
  const { stderr } = run(copy, ['--import', 'tsx', 'test/simulation/simulate.ts', ...args]);
  return /^seed \d+ failed: .*$/m.exec(stderr)?.[0];
}

function run(cwd, args) {
  const timeout = 10 * 60_000;
  const maxBuffer = 256 * 1024 * 1024;
  return spawnSync(process.execPath, args, { cwd, encoding: 'utf8', timeout, maxBuffer });
}
