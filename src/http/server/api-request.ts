import type { IncomingHttpHeaders } from 'node:http';
import type { Claim } from './dead-peer-detector.js';
import type { Parameters } from './form.js';

/** A request as the handlers see it: parsed once, by us. */
export interface ApiRequest {
  readonly method: string;
  /** What follows the route's prefix, split at its slashes and decoded once. */
  readonly segments: readonly string[];
  /** From the query and from the form body, which wins. */
  readonly parameters: Parameters;
  readonly headers: IncomingHttpHeaders;
  /** On the member's clock. */
  readonly receivedAt: number;
  /** Fires when the client's connection closes, and when the API does. */
  readonly signal: AbortSignal;
  /** Has a client whose host vanished disconnected within its TTL, as far as the system allows. */
  detectDeadPeer(claim: Claim): void;
}
