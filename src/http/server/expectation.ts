import type { IncomingMessage, ServerResponse } from 'node:http';

const holdingBack = new WeakSet<IncomingMessage>();

/**
 * The client sends no body before it is told that it is wanted. One that is answered without that
 * may send it or not, so nothing can follow on its connection.
 */
export function noteExpectation(message: IncomingMessage, response: ServerResponse): void {
  holdingBack.add(message);
  response.setHeader('Connection', 'close');
}

export function callForBody(message: IncomingMessage, response: ServerResponse): void {
  if (message.headers.expect === undefined || !holdingBack.delete(message)) return;
  response.removeHeader('Connection');
  response.writeContinue();
}
