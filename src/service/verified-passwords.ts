import { hash, randomBytes } from 'node:crypto';
import type { Identity } from '../command/identity.js';

/** The oldest is forgotten beyond this number, and proved anew when it comes again. */
const verifiedMax = 10_000;

/**
 * Credentials that were proved here. They are known by a hash under a key of this process alone, so
 * no password is in memory for longer than its request.
 */
export class VerifiedPasswords {
  readonly #key = randomBytes(32).toString('base64');
  readonly #identities = new Map<string, Identity>();

  digestOf(credentials: string): string {
    return hash('sha256', this.#key + credentials, 'base64');
  }

  /** @param isCurrent whether the user has that revision still. */
  identityOf(digest: string, isCurrent: (identity: Identity) => boolean): Identity | undefined {
    const identity = this.#identities.get(digest);
    if (identity === undefined || isCurrent(identity)) return identity;
    this.#identities.delete(digest);
    return undefined;
  }

  add(digest: string, identity: Identity): void {
    this.#identities.set(digest, identity);
    const [oldest] = this.#identities.keys();
    if (this.#identities.size > verifiedMax && oldest !== undefined) {
      this.#identities.delete(oldest);
    }
  }
}
