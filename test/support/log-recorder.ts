import type { Logger } from '../../src/logger.js';

export interface LoggedLine {
  readonly level: keyof Logger;
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** Keeps what was logged, for a test to look at. */
export class LogRecorder implements Logger {
  #lines: LoggedLine[] = [];

  debug(fields: object, message: string): void {
    this.#add('debug', fields, message);
  }

  info(fields: object, message: string): void {
    this.#add('info', fields, message);
  }

  warn(fields: object, message: string): void {
    this.#add('warn', fields, message);
  }

  error(fields: object, message: string): void {
    this.#add('error', fields, message);
  }

  /** What was logged since the last call, each as "level message". */
  take(): readonly string[] {
    return this.takeLines().map(({ level, message }) => `${level} ${message}`);
  }

  takeLines(): readonly LoggedLine[] {
    const lines = this.#lines;
    this.#lines = [];
    return lines;
  }

  #add(level: keyof Logger, fields: object, message: string): void {
    this.#lines.push({ level, message, fields: { ...fields } });
  }
}
