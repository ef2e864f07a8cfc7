/** Where the lines go. It never blocks the event loop, nor the end of the process. */
export interface LogSink {
  /** Calls back once, later. What an error follows may be written in part. One call at a time. */
  write(text: string, done: (error?: Error | null) => void): void;
  /** The last words of a process that ends now: as much as can be written without waiting. */
  writeLast(text: string): void;
}

/** In characters. A reader that is slower than the log loses the newest lines beyond them. */
const waitingMax = 1024 * 1024;

const retryAfterMs = 1000;

/**
 * Writes the lines of the log, and loses them where that is not possible: a member must serve, and
 * end, whether or not somebody takes its log. Lost lines are counted.
 */
export class LogDestination {
  readonly #sink: LogSink;
  readonly #onLost: (lines: number) => void;
  readonly #onIdle = new Set<() => void>();
  #waiting: string[] = [];
  #waitingLength = 0;
  /** Lines that are being written. */
  #writing = 0;
  /** Not told yet. */
  #lost = 0;
  /** What the line says that is being written, if it tells how many lines were lost. */
  #telling = 0;
  #isTelling = false;
  #isBroken = false;

  /**
   * @param onLost called when the log can be written again, with the number of lines lost since the
   *   last call. It logs one line that tells it.
   */
  constructor(sink: LogSink, onLost: (lines: number) => void) {
    this.#sink = sink;
    this.#onLost = onLost;
  }

  write(line: string): void {
    const hasRoom = this.#waitingLength + line.length <= waitingMax || this.#isTelling;
    if (this.#isBroken || !hasRoom) {
      this.#lost += 1;
      return;
    }
    this.#waiting.push(line);
    this.#waitingLength += line.length;
    this.#writeNext();
  }

  /** Resolves when all lines are written or lost, or the time is over: then with false. */
  flushed(limitMs: number): Promise<boolean> {
    if (this.#writing === 0) return Promise.resolve(true);
    return new Promise((resolve) => {
      const settle = (isFlushed: boolean) => {
        clearTimeout(overdue);
        this.#onIdle.delete(onIdle);
        resolve(isFlushed);
      };
      const onIdle = () => settle(true);
      const overdue = setTimeout(() => settle(false), limitMs);
      this.#onIdle.add(onIdle);
    });
  }

  /** To be called when the process ends. */
  writeLast(): void {
    const text = this.#takeWaiting().join('');
    if (text !== '') this.#sink.writeLast(text);
  }

  #writeNext(): void {
    if (this.#writing > 0) return;
    const lines = this.#takeWaiting();
    if (lines.length === 0) {
      for (const onIdle of this.#onIdle) onIdle();
      return;
    }
    this.#writing = lines.length;
    this.#sink.write(lines.join(''), (error) => {
      this.#writing = 0;
      if (error) this.#break(lines.length);
      else this.#tellLost();
      this.#writeNext();
    });
  }

  #takeWaiting(): string[] {
    const lines = this.#waiting;
    this.#waiting = [];
    this.#waitingLength = 0;
    return lines;
  }

  #break(unwritten: number): void {
    const told = this.#telling > 0 ? 1 : 0;
    this.#lost += unwritten - told + this.#telling + this.#takeWaiting().length;
    this.#telling = 0;
    this.#isBroken = true;
    setTimeout(() => {
      this.#isBroken = false;
      this.#tellLost();
    }, retryAfterMs).unref();
  }

  #tellLost(): void {
    this.#telling = this.#lost;
    this.#lost = 0;
    if (this.#telling === 0) return;
    this.#isTelling = true;
    this.#onLost(this.#telling);
    this.#isTelling = false;
  }
}
