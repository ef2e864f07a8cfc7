import type { Socket } from 'node:net';

/** From the connection to the opening that is accepted. */
const greetingMs = 5_000;

/** An opening is short, and so is what HTTP/2 sends before it. */
const strangerBytesMax = 128 * 1024;

const lookMs = 50;

interface Stranger {
  readonly socket: Socket;
  readonly since: number;
}

/**
 * The connections whose dialler has not been accepted yet. gRPC would collect a frame of any
 * permitted size for each of their streams, and keep a connection without streams for ever. So one
 * that sends too much, or takes too long, is cut.
 */
export class Greeting {
  readonly #strangers = new Map<string, Stranger>();
  #timer: NodeJS.Timeout | undefined;

  expect(socket: Socket): void {
    const peer = `${socket.remoteAddress}:${socket.remotePort}`;
    this.#strangers.set(peer, { socket, since: performance.now() });
    socket.once('close', () => this.accepted(peer));
    this.#timer ??= setInterval(() => this.#look(), lookMs);
  }

  /** @param peer address and port, as gRPC writes them */
  accepted(peer: string): void {
    this.#strangers.delete(peer);
    if (this.#strangers.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  /** Of the connections from this address, how many have not been accepted. */
  from(address: string | undefined): number {
    let count = 0;
    for (const { socket } of this.#strangers.values()) {
      if (socket.remoteAddress === address) count += 1;
    }
    return count;
  }

  #look(): void {
    const now = performance.now();
    for (const { socket, since } of this.#strangers.values()) {
      if (now - since > greetingMs || socket.bytesRead > strangerBytesMax) socket.destroy();
    }
  }
}
