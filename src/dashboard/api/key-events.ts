import { eventOf, type KeyEvent, keyPath } from './key-requests.js';
import { open } from './request.js';

export interface KeyWatchOptions {
  readonly folder: string;
  /** The index of the first event to report. */
  readonly sinceIndex: number;
  readonly onOpen: () => void;
  /** Called with the events of one chunk. */
  readonly onEvents: (events: readonly KeyEvent[]) => void;
  readonly signal: AbortSignal;
}

/**
 * Reports every change below the folder. Resolves when the member ends the stream: it stops, or
 * this client reads too slowly.
 * @throws {ApiError} when the watch is refused: the events may be too old to be remembered.
 */
export async function watchKeys(options: KeyWatchOptions): Promise<void> {
  const { folder, sinceIndex, onOpen, onEvents, signal } = options;
  const response = await open({
    method: 'GET',
    path: keyPath(folder),
    query: { wait: 'true', recursive: 'true', stream: 'true', waitIndex: String(sinceIndex) },
    signal,
  });
  onOpen();
  if (response.body === null) return;
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = '';
  for (;;) {
    const { done, value } = await readOrEnd(reader, signal);
    if (done) return;
    const lines = (rest + value).split('\n');
    rest = lines.pop() ?? '';
    const events = lines.filter((line) => line !== '').map((line) => eventOf(JSON.parse(line)));
    if (events.length > 0) onEvents(events);
  }
}

/** A broken connection counts as the end of the stream. */
async function readOrEnd(reader: ReadableStreamDefaultReader<string>, signal: AbortSignal) {
  try {
    return await reader.read();
  } catch {
    signal.throwIfAborted();
    return { done: true, value: undefined } as const;
  }
}
