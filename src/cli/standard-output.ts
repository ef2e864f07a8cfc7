import { fstatSync, write, writeSync } from 'node:fs';
import type { LogSink } from './log-destination.js';

const descriptor = 1;

/**
 * The log goes to stdout. A file is written by a thread of the pool, since a slow disk would block
 * the event loop. A write to a pipe or a terminal whose reader has stopped would block that thread
 * for ever, and the process could not even exit; so these are written without blocking.
 */
export function standardOutput(): LogSink {
  const status = fstatSync(descriptor);
  const isStream = status.isFIFO() || status.isSocket() || process.stdout.isTTY;
  return isStream ? new StreamSink(process.stdout) : new FileSink();
}

/**
 * What is written to it may be lost, and nothing else comes of it: neither does a fault of it end
 * the process, nor does a terminal that is stopped (with Ctrl-S) stop the process, too.
 */
export function expendable(stream: NodeJS.WriteStream): void {
  stream.on('error', () => undefined);
  const handle: unknown = Reflect.get(stream, '_handle');
  // Node writes to terminals blocking, and has no public way to change that.
  if (isBlockable(handle)) handle.setBlocking(false);
}

function isBlockable(handle: unknown): handle is { setBlocking(isBlocking: boolean): void } {
  return typeof handle === 'object' && handle !== null && 'setBlocking' in handle;
}

class StreamSink implements LogSink {
  readonly #stream: NodeJS.WriteStream;

  constructor(stream: NodeJS.WriteStream) {
    expendable(stream);
    this.#stream = stream;
  }

  write(text: string, done: (error?: Error | null) => void): void {
    this.#stream.write(text, done);
  }

  writeLast(text: string): void {
    this.#stream.write(text);
  }
}

class FileSink implements LogSink {
  /** The disk took a part of a line only. */
  #isInLine = false;

  write(text: string, done: (error?: Error | null) => void): void {
    this.#write(Buffer.from(this.#isInLine ? `\n${text}` : text), done);
  }

  #write(bytes: Buffer, done: (error?: Error | null) => void): void {
    write(descriptor, bytes, (error, written) => {
      if (error !== null) {
        done(error);
        return;
      }
      this.#isInLine = written < bytes.length;
      if (this.#isInLine) this.#write(bytes.subarray(written), done);
      else done();
    });
  }

  writeLast(text: string): void {
    try {
      writeSync(descriptor, text);
    } catch {
      // Nobody is left who could be told.
    }
  }
}
