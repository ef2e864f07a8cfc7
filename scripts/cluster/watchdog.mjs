import { spawn } from 'node:child_process';
import { Socket } from 'node:net';

/**
 * A small process that outlives this one just long enough to kill its children: nothing that runs
 * in this process can do so when it is itself killed, alone or with its process group. It reads
 * lines of process ids, and acts on the last one when its input ends.
 */
const script = `
  trap '' INT TERM HUP
  pids=
  while read -r line; do pids=$line; done
  [ -z "$pids" ] || kill -KILL $pids 2>/dev/null
`;

export class Watchdog {
  /** @type {ReturnType<typeof startShell> | undefined} */
  #process;

  start() {
    this.#process = startShell();
    // It is no part of what this process waits for, and without it the rest works all the same.
    this.#process.on('error', () => {});
    this.#process.stdin.on('error', () => {});
    this.#process.unref();
    if (this.#process.stdin instanceof Socket) this.#process.stdin.unref();
  }

  /** @param {readonly number[]} pids of the children that live now; of a group, less than zero */
  guard(pids) {
    this.#process?.stdin.write(`${pids.join(' ')}\n`);
  }

  stop() {
    this.guard([]);
    this.#process?.stdin.end();
  }
}

function startShell() {
  return spawn('sh', ['-c', script], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
}
