import type { MemberId } from '../../src/ids.js';
import type { InstallSnapshotRequest } from '../../src/raft/messages.js';
import { TransportError } from '../../src/transport/transport-error.js';
import type { Endpoint, MemoryNetwork } from './memory-network.js';

/**
 * One simulated snapshot transfer: each chunk crosses the link once the receiver has taken the
 * chunk before. It fails at both ends when either process ends, when `over` is aborted, when a
 * chunk is lost, or when the link stays cut for too long.
 */
export async function streamSnapshot(
  network: MemoryNetwork,
  sender: Endpoint,
  request: InstallSnapshotRequest,
  chunks: AsyncIterable<Uint8Array>,
  over: AbortController,
): Promise<void> {
  const ended = ending(over.signal);
  const wire = new Wire(network, sender.hello.memberId, request.to, ended);
  const pipe = new ChunkPipe(ended);
  const fail = () => over.abort(interrupted('a process ended'));
  sender.life.addEventListener('abort', fail);
  let receiver: Endpoint | undefined;
  try {
    await wire.hop();
    receiver = accept(network, sender, request.to);
    receiver.life.addEventListener('abort', fail);
    const received = receiver.handler.onSnapshot(request, pipe);
    const sent = sendAll(wire, pipe, chunks);
    await Promise.race([received, sent.then(() => received), ended]);
    await wire.hop();
  } finally {
    sender.life.removeEventListener('abort', fail);
    receiver?.life.removeEventListener('abort', fail);
    over.abort(interrupted('it is over'));
  }
}

async function sendAll(
  wire: Wire,
  pipe: ChunkPipe,
  chunks: AsyncIterable<Uint8Array>,
): Promise<void> {
  for await (const chunk of chunks) {
    await wire.hop();
    await pipe.put(chunk);
  }
  await wire.hop();
  await pipe.put(undefined);
}

function accept(network: MemoryNetwork, sender: Endpoint, to: MemberId): Endpoint {
  const receiver = network.running(to);
  if (receiver === undefined) throw interrupted('the connection was refused');
  const reason = receiver.refuse(sender.hello, to);
  if (reason !== undefined) throw new TransportError('refused', reason);
  return receiver;
}

/** Delays the packets of a transfer. */
class Wire {
  readonly #network: MemoryNetwork;
  readonly #from: MemberId;
  readonly #to: MemberId;
  readonly #ended: Promise<never>;

  constructor(network: MemoryNetwork, from: MemberId, to: MemberId, ended: Promise<never>) {
    this.#network = network;
    this.#from = from;
    this.#to = to;
    this.#ended = ended;
  }

  /** One packet's delay; a cut link holds it back until it heals, or until its timeout. */
  async hop(): Promise<void> {
    const { reconnectDelayMs, silenceTimeoutMs } = this.#network.options;
    const { delayMinMs, delayMaxMs, lossRate } = this.#network.faults(this.#from, this.#to);
    if (this.#network.happens(lossRate)) throw interrupted('the connection was reset');
    await this.#pause(delayMinMs + this.#network.options.random() * (delayMaxMs - delayMinMs));
    let silentMs = 0;
    while (this.#network.isCut(this.#from, this.#to)) {
      if (silentMs >= silenceTimeoutMs) throw interrupted('nothing has moved for too long');
      await this.#pause(reconnectDelayMs);
      silentMs += reconnectDelayMs;
    }
  }

  async #pause(delayMs: number): Promise<void> {
    const pause = new Promise<void>((resolve) => this.#network.options.schedule(delayMs, resolve));
    await Promise.race([pause, this.#ended]);
  }
}

/** Passes one chunk at a time from the sender to the receiver. */
class ChunkPipe implements AsyncIterable<Uint8Array> {
  readonly #ended: Promise<never>;
  #offered: { readonly chunk: Uint8Array | undefined; readonly taken: () => void } | undefined;
  #wake: () => void = () => {};

  constructor(ended: Promise<never>) {
    this.#ended = ended;
  }

  /** Resolves when the receiver has taken it. Undefined is the end. */
  async put(chunk: Uint8Array | undefined): Promise<void> {
    const taken = new Promise<void>((resolve) => {
      this.#offered = { chunk, taken: resolve };
      this.#wake();
    });
    await Promise.race([taken, this.#ended]);
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    for (;;) {
      const { chunk, taken } = await this.#next();
      taken();
      if (chunk === undefined) return;
      yield chunk;
    }
  }

  async #next(): Promise<{ readonly chunk: Uint8Array | undefined; readonly taken: () => void }> {
    while (this.#offered === undefined) {
      const woken = new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      await Promise.race([woken, this.#ended]);
    }
    const offered = this.#offered;
    this.#offered = undefined;
    return offered;
  }
}

/** Created once for a transfer. It may reject when nothing awaits it any more. */
function ending(signal: AbortSignal): Promise<never> {
  const ended = new Promise<never>((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
  ended.catch(() => {});
  return ended;
}

function interrupted(why: string): TransportError {
  return new TransportError('interrupted', `snapshot interrupted: ${why}`);
}
