import { spawn } from 'node:child_process';

/** How a user's line is run. */
export function hookCommandOf(line: string): readonly [string, ...string[]] {
  return ['/bin/sh', '-c', line];
}

/** Runs once at most. Nothing waits for it but the end of this process. */
export class LostHook {
  readonly #line: string | undefined;
  readonly #tell: (line: string) => void;
  #ended: Promise<void> | undefined;

  constructor(line: string | undefined, tell: (line: string) => void) {
    this.#line = line;
    this.#tell = tell;
  }

  run(env: NodeJS.ProcessEnv): void {
    this.#ended ??= this.#run(env);
  }

  async ended(): Promise<void> {
    await this.#ended;
  }

  #run(env: NodeJS.ProcessEnv): Promise<void> {
    if (this.#line === undefined) return Promise.resolve();
    const [shell, ...args] = hookCommandOf(this.#line);
    // What is on stdin is for the command.
    const child = spawn(shell, args, { env, stdio: ['ignore', 'inherit', 'inherit'] });
    return new Promise((resolve) => {
      child.once('error', ({ message }) => {
        this.#tell(`--on-lost cannot be run: ${message}`);
        resolve();
      });
      child.once('exit', (code, signal) => {
        if (code !== 0) this.#tell(`--on-lost ended with ${code ?? signal}`);
        resolve();
      });
    });
  }
}
