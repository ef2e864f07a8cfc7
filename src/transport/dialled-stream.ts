import type { ClientDuplexStream, StatusObject } from '@grpc/grpc-js';
import { type ConnectionEnd, connectionEnd } from './connection-end.js';
import { messageOf, TransportError } from './transport-error.js';

export type DialledStream = ClientDuplexStream<Buffer, Buffer>;

/** Tells of each frame and, perhaps more than once, of the stream's end; a malformed frame is one, too. */
export function listen(
  stream: DialledStream,
  onFrame: (frame: Buffer) => void,
  onEnd: (end: ConnectionEnd) => void,
): void {
  stream.on('data', (frame: Buffer) => {
    try {
      onFrame(frame);
    } catch (error) {
      if (!(error instanceof TransportError)) throw error;
      onEnd({ type: 'broken', reason: messageOf(error) });
    }
  });
  // Every error is followed by its status; but an error that nobody listens to stops the process.
  stream.on('error', () => {});
  stream.on('status', (end: StatusObject) => onEnd(connectionEnd(end)));
}
