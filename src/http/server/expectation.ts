import type { IncomingMessage, ServerResponse } from 'node:http';

const holdingBack = new WeakSet<IncomingMessage>();

/**
 * The client sends its body only after a 100 Continue. When it is answered without one, it may send
 * the body or not, so no further request can follow on its connection.
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
