import type { IncomingHttpHeaders } from 'node:http';
import type { Identity } from '../../command/identity.js';
import type { Claim } from '../../service/dead-peer-detector.js';
import type { Parameters } from './form.js';

/** What is known of a request before its body. */
export interface RequestHead {
  readonly method: string;
  /** The path after the route's prefix, decoded and split at slashes. */
  readonly segments: readonly string[];
}

/** A parsed request, as the handlers see it. */
export interface ApiRequest extends RequestHead {
  /** From the query and the form body; the body wins. */
  readonly parameters: Parameters;
  readonly headers: IncomingHttpHeaders;
  /** Of the client's connection, with its port; that of a proxy, if there is one. */
  readonly clientAddress: string;
  /** Of the user who asks; undefined for a guest, and while users are not asked for. */
  readonly identity: Identity | undefined;
  /** On the member's clock. */
  readonly receivedAt: number;
  /** Fires when the client's connection closes, its user loses the right, or the API closes. */
  readonly signal: AbortSignal;
  /** Fires when the API closes. */
  readonly closing: AbortSignal;
  /** Has a client whose host vanished disconnected within its TTL, as far as the system allows. */
  detectDeadPeer(claim: Claim): void;
}
