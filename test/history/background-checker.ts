import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { CheckOptions } from './check.js';
import type { LockOperation } from './operation.js';

export interface CheckAsked {
  readonly operations: readonly LockOperation[];
  readonly options: CheckOptions;
}

/**
 * Checks histories in a process of its own: a search may take seconds, in which clients would stand
 * still, and so would the links between members that run through this process.
 */
export class BackgroundChecker implements AsyncDisposable {
  readonly #process: ChildProcess;

  constructor() {
    const path = fileURLToPath(new URL('./check-process.ts', import.meta.url));
    // Times may be infinite, which JSON does not know.
    this.#process = fork(path, { execArgv: ['--import', 'tsx'], serialization: 'advanced' });
  }

  /** As `checkHistory`. To be asked one at a time. */
  async check(
    operations: readonly LockOperation[],
    options: CheckOptions,
  ): Promise<readonly string[]> {
    const answered = new AbortController();
    const { signal } = answered;
    const ended = once(this.#process, 'exit', { signal }).then(([code]) => {
      throw new Error(`the process that checks histories ended with code ${code}`);
    });
    const answer = once(this.#process, 'message', { signal });
    this.#process.send({ operations, options } satisfies CheckAsked);
    try {
      const [faults] = (await Promise.race([answer, ended])) as [readonly string[]];
      return faults;
    } finally {
      answered.abort();
      await Promise.allSettled([answer, ended]);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const { exitCode, signalCode } = this.#process;
    if (exitCode !== null || signalCode !== null) return;
    const ended = once(this.#process, 'exit');
    this.#process.kill('SIGKILL');
    await ended;
  }
}
