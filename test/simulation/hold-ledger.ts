import { demand } from './violation.js';

interface Hold {
  readonly token: number;
  /** In true time: until then the client acts as the holder. */
  until: number;
  /** Somebody gave the place up. What others who share it hear later comes too late. */
  isOver: boolean;
}

/** Who believes to hold what, in true time: the end-to-end view of mutual exclusion. */
export class HoldLedger {
  readonly #holds = new Map<string, Hold>();
  grants = 0;

  /** A client begins to act as the holder, or goes on. */
  hold(lock: string, token: number, now: number, until: number): void {
    const known = this.#holds.get(lock);
    if (known === undefined || known.token !== token) {
      demand(
        known === undefined || known.until <= now,
        `${lock} is held with token ${token} at ${now.toFixed(1)}, and with ${known?.token} until ${known?.until.toFixed(1)}`,
      );
      demand(
        known === undefined || token > known.token,
        `${lock} was granted with token ${token} after ${known?.token}`,
      );
      this.grants += 1;
      this.#holds.set(lock, { token, until, isOver: false });
      return;
    }
    if (!known.isOver) known.until = Math.max(known.until, until);
  }

  /** The client stops acting as the holder, before it asks for the release. */
  end(lock: string, token: number, now: number): void {
    const known = this.#holds.get(lock);
    if (known?.token !== token) return;
    known.until = Math.min(known.until, now);
    known.isOver = true;
  }
}
