import type { IncomingMessage, ServerResponse } from 'node:http';

/**
 * How soon TCP begins to ask a silent client whether it is still there. Node then has it ask ten
 * times, once a second, which nothing here can change: so a client whose host is gone without a word
 * has left after 15 s.
 */
export const probeDelayMs = 5_000;

/** Then it is noticed after 11 s. Each who waits costs a packet a second: too much for all who watch. */
const closeProbeDelayMs = 1_000;

/** The usual 15 s, and what the system's timers may be late, all in all. */
const usualNoticeMs = 16_500;

/**
 * Until the request has been answered, if the usual time is more than `ttlMs`. The connection may
 * serve others afterwards, and to probe for them would be in vain.
 */
export function noticeLossWithin(
  ttlMs: number,
  { socket }: IncomingMessage,
  response: ServerResponse,
): void {
  if (ttlMs >= usualNoticeMs) return;
  socket.setKeepAlive(true, closeProbeDelayMs);
  // Told before the next request of the connection is served, even one that came long ago.
  response.once('close', () => socket.setKeepAlive(true, probeDelayMs));
}
