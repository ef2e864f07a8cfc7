import type { ClientDuplexStream, StatusObject } from '@grpc/grpc-js';
import { type ConnectionEnd, connectionEnd } from './connection-end.js';
import { messageOf, TransportError } from './transport-error.js';

export type DialledStream = ClientDuplexStream<Buffer, Buffer>;

/**
 * Calls back for each frame and, maybe repeatedly, for the stream's end. A malformed frame is an
 * end too.
 */
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
  // A status follows every error, but an error without a listener stops the process.
  stream.on('error', () => {});
  stream.on('status', (end: StatusObject) => onEnd(connectionEnd(end)));
}
