import type {
  AcquireOperation,
  LockOperation,
  RenewOperation,
  TokenOperation,
  ViewOperation,
} from './operation.js';

type Without<T, Keys extends PropertyKey> = T extends unknown ? Omit<T, Keys> : never;

/** Writes down what clients ask and are told. What is not answered when it is read is unknown. */
export class Recorder {
  readonly #now: () => number;
  readonly #done: LockOperation[] = [];
  readonly #open = new Set<Without<AcquireOperation | TokenOperation, 'end' | 'result'>>();

  constructor(now: () => number) {
    this.#now = now;
  }

  get operations(): readonly LockOperation[] {
    const end = this.#now();
    return [...this.#done, ...[...this.#open].map((begun) => unanswered(begun, end))];
  }

  /** Returns how to tell its end; undefined when nothing of it took effect. */
  acquire(
    asked: Without<AcquireOperation, 'type' | 'start' | 'end' | 'result'>,
  ): (result: AcquireOperation['result'] | undefined) => void {
    const begun = { ...asked, type: 'acquire' as const, start: this.#now() };
    this.#open.add(begun);
    return (result) => {
      if (!this.#open.delete(begun) || result === undefined) return;
      this.#done.push({ ...begun, end: this.#now(), result });
    };
  }

  renew(
    asked: Without<RenewOperation, 'type' | 'start' | 'end' | 'result'>,
  ): (result: RenewOperation['result']) => void {
    return this.#onToken({ ...asked, type: 'renew', start: this.#now() });
  }

  release(
    asked: Without<RenewOperation, 'type' | 'start' | 'end' | 'result' | 'ttlMs'>,
  ): (result: RenewOperation['result']) => void {
    return this.#onToken({ ...asked, type: 'release', start: this.#now() });
  }

  /** Called with the answer; one without an answer is of no use. */
  view(
    asked: Without<ViewOperation, 'type' | 'start' | 'end' | 'holders' | 'waiting'>,
  ): (seen: Pick<ViewOperation, 'holders' | 'waiting'>) => void {
    const start = this.#now();
    return (seen) => {
      this.#done.push({ ...asked, ...seen, type: 'view', start, end: this.#now() });
    };
  }

  #onToken(
    begun: Without<TokenOperation, 'end' | 'result'>,
  ): (result: RenewOperation['result']) => void {
    this.#open.add(begun);
    return (result) => {
      if (this.#open.delete(begun)) this.#done.push({ ...begun, end: this.#now(), result });
    };
  }
}

function unanswered(
  begun: Without<AcquireOperation | TokenOperation, 'end' | 'result'>,
  end: number,
): LockOperation {
  if (begun.type === 'acquire') return { ...begun, end, result: { type: 'unknown' } };
  return { ...begun, end, result: 'unknown' };
}
