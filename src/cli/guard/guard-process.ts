import { type ChildProcess, spawn } from 'node:child_process';
import type { Server } from 'node:net';
import { bootTimeMs } from './boot-clock.js';
import type { Deadlines, Order, Report } from './messages.js';
import { groupLives, signalGroup } from './process-group.js';

// A process of its own that runs the command of `conclave lock`, and ends it in time even while
// that is stopped, starved or dead. It does nothing else, so that little can keep it from that.

/** Timers stand still with the machine, so the clock is looked at this often. */
const lookEveryMs = 50;

/** After KILL; a process that hangs in the kernel can't be waited for. */
const leaveMs = 2000;

class Guard {
  #deadlines: Deadlines = { termAt: Number.POSITIVE_INFINITY, killAt: Number.POSITIVE_INFINITY };
  #killAfterMs = 0;
  #child: ChildProcess | undefined;
  #exit: { readonly code: number | null; readonly signal: NodeJS.Signals | null } | undefined;
  #timer: NodeJS.Timeout | undefined;
  #forced = false;
  #termAt: number | undefined;
  #killAt: number | undefined;

  obey(order: Order, server: Server | undefined): void {
    switch (order.type) {
      case 'keep':
        server?.on('connection', (connection) => connection.destroy());
        break;
      case 'run':
        this.#run(order);
        break;
      case 'renewed':
        this.#deadlines = order.deadlines;
        break;
      case 'signal':
        if (this.#child?.pid !== undefined) signalGroup(this.#child.pid, order.signal);
        break;
      case 'end':
        this.end();
        break;
      default:
        order satisfies never;
    }
  }

  /** Also when nobody is there any more who could renew the lock. */
  end(): void {
    if (this.#child === undefined) process.exit(0);
    this.#term();
    if (!this.#forced) report({ type: 'toldToEnd' });
    this.#forced = true;
  }

  #run({ command, args, env, deadlines, killAfterMs }: Extract<Order, { type: 'run' }>): void {
    this.#deadlines = deadlines;
    this.#killAfterMs = killAfterMs;
    if (bootTimeMs() >= deadlines.termAt) {
      finish({ type: 'tooLate' });
      return;
    }
    const child = spawn(command, args, { detached: true, stdio: 'inherit', env });
    child.once('error', (error: NodeJS.ErrnoException) => {
      if (child.pid === undefined) finish({ type: 'notStarted', code: error.code ?? '' });
    });
    if (child.pid === undefined) return;
    this.#child = child;
    report({ type: 'started', group: child.pid });
    child.once('exit', (code, signal) => {
      this.#exit = { code, signal };
      // What the command has left behind must not go on when the lock is released.
      if (groupLives(this.#group)) this.#term();
      this.#look();
    });
    this.#timer = setInterval(() => this.#look(), lookEveryMs);
  }

  get #group(): number {
    return this.#child?.pid ?? 0;
  }

  #look(): void {
    const now = bootTimeMs();
    if (now >= this.#deadlines.termAt && this.#exit === undefined) this.end();
    const killAt = Math.min(this.#killAt ?? Number.POSITIVE_INFINITY, this.#deadlines.killAt);
    if (this.#exit !== undefined && !groupLives(this.#group)) {
      this.#ended(false);
    } else if (now >= killAt) {
      this.#forced ||= this.#exit === undefined;
      signalGroup(this.#group, 'SIGKILL');
      if (this.#exit !== undefined && now >= killAt + leaveMs) this.#ended(true);
    }
  }

  #term(): void {
    if (this.#termAt !== undefined) return;
    this.#termAt = bootTimeMs();
    this.#killAt = this.#termAt + this.#killAfterMs;
    signalGroup(this.#group, 'SIGTERM');
    // A stopped process takes a signal only when it goes on.
    signalGroup(this.#group, 'SIGCONT');
  }

  #ended(isLeft: boolean): void {
    const { code, signal } = this.#exit ?? { code: null, signal: null };
    clearInterval(this.#timer);
    finish({ type: 'ended', code, signal, forced: this.#forced, isLeft });
  }
}

function finish(last: Report): void {
  if (!process.connected) process.exit(0);
  report(last, () => process.exit(0));
}

function report(message: Report, done: () => void = () => undefined): void {
  if (process.connected) process.send?.(message, undefined, undefined, done);
}

const guard = new Guard();
process.on('message', (order: Order, server: Server | undefined) => guard.obey(order, server));
process.on('disconnect', () => guard.end());
// The terminal and the service manager speak to the one who has the lock, and that one forwards.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'] as const) {
  process.on(signal, () => undefined);
}
// It was told nothing if the other end was closed before anybody listened.
if (!process.connected) guard.end();
