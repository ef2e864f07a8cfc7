import { type Frame, frameBytesMax } from './frames.js';
import type { TransportTuning } from './tuning.js';

/** The writable side of a gRPC stream. */
export interface FrameSink {
  write(frame: Buffer, written: () => void): unknown;
}

/** What passes between this member and one peer, on all connections. */
export interface TrafficCounts {
  sentBytes: number;
  receivedBytes: number;
  droppedMessages: number;
  failedConnections: number;
}

/**
 * The bounded queue of one stream. grpc-js buffers what HTTP/2 flow control holds back, and calls
 * back for each frame when it has left. So counting the frames that have not left bounds that
 * memory.
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

  /**
   * Drops the whole frame when the queue is full: Raft repairs a lost message, but a late one
   * delays all.
   */
  offer(frame: Frame): void {
    if (!this.#fits(frame)) {
      this.#counts.droppedMessages += frame.count;
      return;
    }
    const bytes = frame.encode();
    this.#counts.sentBytes += bytes.byteLength;
    this.#waitingMessages += frame.count;
    this.#waitingBytes += bytes.byteLength;
    this.#sink.write(bytes, () => {
      this.#waitingMessages -= frame.count;
      this.#waitingBytes -= bytes.byteLength;
      if (this.#waitingMessages === 0) this.#hasBeenEmpty = true;
    });
  }

  /** Whether the queue was never empty since the last call. */
  hasBeenBusy(): boolean {
    const busy = !this.#hasBeenEmpty;
    this.#hasBeenEmpty = this.#waitingMessages === 0;
    return busy;
  }

  /** An empty queue accepts any valid frame, so none is stuck for ever. */
  #fits(frame: Frame): boolean {
    if (frame.bytesMax > frameBytesMax) return false;
    if (this.#waitingMessages === 0) return true;
    return (
      this.#waitingMessages + frame.count <= this.#tuning.outgoingMessagesMax &&
      this.#waitingBytes + frame.bytesMax <= this.#tuning.outgoingBytesMax
    );
  }
}
