import type { IncomingHttpHeaders } from 'node:http';
import type { Parameters } from './form.js';
import type { Claim } from './silent-clients.js';

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
  /** Has it noticed within the TTL, as far as it can be, when the client's host is gone without a word. */
  noticeLoss(claim: Claim): void;
}
