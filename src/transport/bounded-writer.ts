import { type Frame, frameBytesMax } from './frames.js';
import type { TransportTuning } from './tuning.js';

/** The side of a gRPC stream that frames go into. */
export interface FrameSink {
  write(frame: Buffer, written: () => void): unknown;
}

/** What became of everything that was to go to one peer. */
export interface TrafficCounts {
  sentMessages: number;
  droppedMessages: number;
}

/**
 * The queue before one stream. grpc-js keeps what HTTP/2 flow control holds back, and tells for each
 * frame when it has left; so counting what was given and has not left bounds that memory.
 */
export class BoundedWriter {
  readonly #sink: FrameSink;
  readonly #tuning: TransportTuning;
  readonly #counts: TrafficCounts;
  #waitingMessages = 0;
  #waitingBytes = 0;
  #hasBeenEmpty = true;

  constructor(sink: FrameSink, tuning: TransportTuning, counts: TrafficCounts) {
    this.#sink = sink;
    this.#tuning = tuning;
    this.#counts = counts;
  }

  /** Drops the frame, whole, when the queue is full: a lost message is repaired, a late one delays all. */
  offer(frame: Frame): void {
    if (!this.#fits(frame)) {
      this.#counts.droppedMessages += frame.count;
      return;
    }
    const bytes = frame.encode();
    this.#counts.sentMessages += frame.count;
    this.#waitingMessages += frame.count;
    this.#waitingBytes += bytes.byteLength;
    this.#sink.write(bytes, () => {
      this.#waitingMessages -= frame.count;
      this.#waitingBytes -= bytes.byteLength;
      if (this.#waitingMessages === 0) this.#hasBeenEmpty = true;
    });
  }

  /** Whether something has waited all the time since this was last asked. */
  hasBeenBusy(): boolean {
    const busy = !this.#hasBeenEmpty;
    this.#hasBeenEmpty = this.#waitingMessages === 0;
    return busy;
  }

  /** One frame always fits an empty queue, so nothing that may be sent is stuck for ever. */
  #fits(frame: Frame): boolean {
    if (frame.bytesMax > frameBytesMax) return false;
    if (this.#waitingMessages === 0) return true;
    return (
      this.#waitingMessages + frame.count <= this.#tuning.outgoingMessagesMax &&
      this.#waitingBytes + frame.bytesMax <= this.#tuning.outgoingBytesMax
    );
  }
}
