import { type ChildProcess, spawn } from 'node:child_process';
import type { Server } from 'node:net';
import { fileURLToPath } from 'node:url';
import { bootTimeMs } from './boot-clock.js';
import type { Deadlines, Order, Report } from './messages.js';
import { groupLives, signalGroup } from './process-group.js';

export interface Command {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
}

/** How a command ended. */
export type Ending =
  | {
      readonly type: 'exited';
      readonly code: number | null;
      readonly signal: NodeJS.Signals | null;
      /** Something of it could not be killed. */
      readonly isLeft: boolean;
    }
  /** It was told to end, because the lock was lost. */
  | { readonly type: 'lost'; readonly isLeft: boolean }
  /** The lock, or the guard, was lost before the command was started. */
  | { readonly type: 'tooLate' }
  | { readonly type: 'notStarted'; readonly code: string };

const lookEveryMs = 50;

/** The guard has so long to do it before this process does. */
const graceMs = 50;

const program = fileURLToPath(new URL('./guard-process.js', import.meta.url));

/**
 * The guard as its parent sees it. Both know the deadlines, and each of them kills the command's
 * process group when the other one cannot: this process when the guard is stopped or dead, the
 * guard when this process is.
 */
export class Guard {
  readonly #process: ChildProcess;
  readonly #killAfterMs: number;
  readonly ended: Promise<Ending>;
  /** Resolves with the command's process group, once this process knows it and can end it. */
  readonly started: Promise<number>;
  /** Resolves when the guard has told the command to end, since the lock is lost. */
  readonly toldToEnd: Promise<void>;
  #deadlines: Deadlines | undefined;
  /** The command was told to end, and is killed then, even if the lock is renewed meanwhile. */
  #endsBy = Number.POSITIVE_INFINITY;
  #group: number | undefined;
  #wasTold = false;
  #isOver = false;
  #start: (group: number) => void = () => undefined;
  #told: () => void = () => undefined;
  #end: (ending: Ending) => void = () => undefined;
  #timer: NodeJS.Timeout | undefined;

  /** Starts the guard, which takes its time, before it is needed. */
  constructor(killAfterMs: number, stdin: 'inherit' | 'ignore') {
    this.#killAfterMs = killAfterMs;
    this.started = new Promise((resolve) => {
      this.#start = resolve;
    });
    this.toldToEnd = new Promise((resolve) => {
      this.#told = resolve;
    });
    this.ended = new Promise((resolve) => {
      this.#end = (ending) => {
        this.#isOver = true;
        clearInterval(this.#timer);
        resolve(ending);
      };
    });
    this.#process = spawn(process.execPath, [program], {
      // Out of reach of the terminal's signals.
      detached: true,
      stdio: [stdin, 'inherit', 'inherit', 'ipc'],
    });
    this.#process.on('message', (report: Report) => this.#heard(report));
    this.#process.once('error', (error: NodeJS.ErrnoException) =>
      this.#end({ type: 'notStarted', code: error.code ?? '' }),
    );
    // What it has reported last may be read only after it has ended.
    const gone = () => this.#guardIsGone();
    this.#process.once('exit', () =>
      this.#process.connected ? this.#process.once('disconnect', gone) : gone(),
    );
  }

  /** The guard has them, too, until it ends: when nothing of its command is left. */
  keep(servers: readonly Server[]): void {
    for (const server of servers) this.#tell({ type: 'keep' }, server);
  }

  /** Nothing, if the guard is gone: `ended` tells. */
  run(command: Command, deadlines: Deadlines): void {
    if (this.#isOver) return;
    this.#deadlines = deadlines;
    this.#wasTold = true;
    this.#tell({ type: 'run', ...command, deadlines, killAfterMs: this.#killAfterMs });
    // What the guard has reported is read first: the group that it names may be another one by now.
    this.#timer = setInterval(() => setImmediate(() => this.#look()), lookEveryMs);
  }

  renewed(deadlines: Deadlines): void {
    this.#deadlines = deadlines;
    this.#tell({ type: 'renewed', deadlines });
  }

  forward(signal: NodeJS.Signals): void {
    this.#tell({ type: 'signal', signal });
  }

  /** Ends the command: the lock is gone. */
  end(): void {
    this.#endsBy = Math.min(this.#endsBy, bootTimeMs() + this.#killAfterMs);
    this.#tell({ type: 'end' });
  }

  /** When no command was run. */
  dismiss(): void {
    if (this.#process.connected) this.#process.disconnect();
  }

  #tell(order: Order, server?: Server): void {
    // One that is gone is noticed by its exit.
    if (this.#process.connected) this.#process.send(order, server, undefined, () => undefined);
  }

  #heard(report: Report): void {
    switch (report.type) {
      case 'started':
        this.#group = report.group;
        this.#start(report.group);
        break;
      case 'notStarted':
        this.#end(report);
        break;
      case 'toldToEnd':
        this.#told();
        break;
      case 'tooLate':
        this.#end(report);
        break;
      case 'ended': {
        this.#group = undefined;
        const { code, signal, forced, isLeft } = report;
        this.#end(forced ? { type: 'lost', isLeft } : { type: 'exited', code, signal, isLeft });
        break;
      }
      default:
        report satisfies never;
    }
  }

  /** Before it has reported the end: nobody knows how the command ended, or will. */
  #guardIsGone(): void {
    if (this.#group === undefined) {
      // It may have started the command, and had no time to say so.
      this.#end(this.#wasTold ? { type: 'lost', isLeft: true } : { type: 'tooLate' });
      return;
    }
    this.#endsBy = Math.min(this.#endsBy, bootTimeMs() + this.#killAfterMs);
    signalGroup(this.#group, 'SIGTERM');
  }

  #look(): void {
    if (this.#group === undefined || this.#deadlines === undefined) return;
    const isGone = this.#process.exitCode !== null || this.#process.signalCode !== null;
    const killAt = Math.min(this.#deadlines.killAt, this.#endsBy) + (isGone ? 0 : graceMs);
    const isDue = bootTimeMs() >= killAt;
    if (isDue) signalGroup(this.#group, 'SIGKILL');
    if (!(isDue || isGone) || groupLives(this.#group)) return;
    // The guard may be stopped, and then it would not tell.
    this.#process.kill('SIGKILL');
    this.#end({ type: 'lost', isLeft: false });
  }
}
