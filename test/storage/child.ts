import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface, type Interface } from 'node:readline';
import type { Readable } from 'node:stream';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';

const script = fileURLToPath(new URL('./writer-process.ts', import.meta.url));

/** A process that runs `writer-process.ts`, and every line that it has said. */
export class Child {
  readonly lines: string[] = [];
  readonly #process: ChildProcessByStdio<null, Readable, null>;
  readonly #output: Interface;
  readonly #closed: Promise<unknown>;

  constructor(test: TestContext, dataDir: string, ...more: string[]) {
    this.#process = spawn(process.execPath, ['--import', 'tsx', script, dataDir, ...more], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    this.#output = createInterface(this.#process.stdout);
    this.#output.on('line', (line) => this.lines.push(line));
    this.#closed = once(this.#output, 'close');
    test.after(() => this.#process.kill('SIGKILL'));
  }

  get pid(): number {
    return this.#process.pid ?? 0;
  }

  signal(signal: NodeJS.Signals): void {
    this.#process.kill(signal);
  }

  /** Resolves when it has said at least so many lines. */
  async said(count: number): Promise<void> {
    while (this.lines.length < count) {
      const isOpen = await Promise.race([
        once(this.#output, 'line').then(() => true),
        this.#closed.then(() => false),
      ]);
      if (!isOpen) throw new Error(`it ended: ${this.lines.join('; ')}`);
    }
  }

  /** Resolves when it is gone, and everything that it said is read. */
  async ended(): Promise<void> {
    await this.#closed;
  }

  async kill(): Promise<void> {
    const gone = once(this.#process, 'exit');
    this.signal('SIGKILL');
    await Promise.all([gone, this.ended()]);
  }
}
