import { demand } from './violation.js';

interface Hold {
  readonly token: number;
  /** In true time: until then the client acts as the holder. */
  until: number;
}

/** Who believes to hold what, in true time: the end-to-end view of mutual exclusion. */
export class HoldLedger {
  readonly #holds = new Map<string, Hold>();
  /** Tokens that were given up by one of those who shared the place: the others hear of it too late. */
  readonly #givenUp = new Set<number>();
  grants = 0;

  /** A client begins to act as the holder, or goes on. */
  hold(lock: string, token: number, now: number, until: number): void {
    if (this.#givenUp.has(token)) return;
    const known = this.#holds.get(lock);
    if (known?.token === token) {
      known.until = Math.max(known.until, until);
      return;
    }
    demand(
      known === undefined || known.until <= now,
      `${lock} is held with token ${token} at ${now.toFixed(1)}, and with ${known?.token} until ${known?.until.toFixed(1)}`,
    );
    demand(
      known === undefined || token > known.token,
      `${lock} was granted with token ${token} after ${known?.token}`,
    );
    this.grants += 1;
    this.#holds.set(lock, { token, until });
  }

  /** The client stops acting as the holder, before it asks for the release. */
  end(lock: string, token: number, now: number): void {
    this.#givenUp.add(token);
    const known = this.#holds.get(lock);
    if (known?.token === token) known.until = Math.min(known.until, now);
  }
}
