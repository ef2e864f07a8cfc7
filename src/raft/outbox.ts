import type { Message } from './messages.js';

interface Held {
  readonly message: Message;
  readonly needs: number;
}

/**
 * Messages to be sent. One that promises something names the write that makes the promise
 * durable, and is held back until that write has ended (Raft, figure 2: "updated on stable storage
 * before responding").
 */
export class Outbox {
  #free: Message[] = [];
  #held: Held[] = [];
  #persisted = 0;

  /** `needs` is the sequence of a write, or zero. */
  send(message: Message, needs: number): void {
    if (needs <= this.#persisted) this.#free.push(message);
    else this.#held.push({ message, needs });
  }

  persisted(sequence: number): void {
    this.#persisted = sequence;
    const stillHeld: Held[] = [];
    for (const held of this.#held) {
      if (held.needs <= sequence) this.#free.push(held.message);
      else stillHeld.push(held);
    }
    this.#held = stillHeld;
  }

  /**
   * Drops what waits for a write. A member that enters a new term no longer makes the promises of
   * the old one: its log may lose the entries that such a message acknowledges.
   */
  dropHeld(): void {
    this.#held = [];
  }

  get isEmpty(): boolean {
    return this.#free.length === 0;
  }

  take(): readonly Message[] {
    const free = this.#free;
    this.#free = [];
    return free;
  }
}
