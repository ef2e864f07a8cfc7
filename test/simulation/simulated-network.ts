import type { MemberId } from '../../src/ids.js';
import type { Message } from '../../src/raft/messages.js';
import { faultless, MemoryNetwork } from '../../src/transport/memory-network.js';
import { MemoryTransport } from '../../src/transport/memory-transport.js';
import type { Hello, Transport } from '../../src/transport/transport.js';
import type { Links } from './fault-injector.js';
import type { NetworkFaults } from './faults.js';
import type { Random } from './random.js';
import type { Scheduler } from './scheduler.js';

/** The wires of a run, with an ear on everything that is sent. */
export class SimulatedNetwork implements Links {
  readonly #network: MemoryNetwork;
  readonly #memberIds: readonly MemberId[];

  constructor(
    scheduler: Scheduler,
    random: Random,
    faults: NetworkFaults,
    memberIds: readonly MemberId[],
  ) {
    this.#memberIds = memberIds;
    this.#network = new MemoryNetwork({
      schedule: (delayMs, run) => scheduler.after(delayMs, run),
      random: random.float,
      faults: {
        ...faultless,
        delayMinMs: faults.delayMsMin,
        delayMaxMs: faults.delayMsMax,
        reorderingMaxMs: faults.lateMsMax,
        lossRate: faults.lossProbability,
        duplicationRate: faults.duplicationProbability,
        reorderingRate: faults.lateProbability,
      },
      inFlightMax: 4096,
      reconnectDelayMs: 50,
      silenceTimeoutMs: 2000,
    });
  }

  /** @param onSend told of every message before it leaves. */
  connect(
    hello: Hello,
    acceptPeer: (hello: Hello) => string | undefined,
    onSend: (message: Message) => void,
  ): Transport {
    const peers = this.#memberIds.filter((id) => id !== hello.memberId);
    const transport = new MemoryTransport({ network: this.#network, hello, peers, acceptPeer });
    return listenIn(transport, onSend);
  }

  crash(member: MemberId): void {
    this.#network.crash(member);
  }

  cut(from: MemberId, to: MemberId): void {
    this.#network.cut(from, to);
  }

  healAll(): void {
    this.#network.heal();
  }

  stopFaults(): void {
    for (const from of this.#memberIds) {
      for (const to of this.#memberIds) {
        this.#network.setFaults(from, to, { ...faultless, delayMinMs: 0.2, delayMaxMs: 2 });
      }
    }
  }
}

function listenIn(transport: Transport, onSend: (message: Message) => void): Transport {
  return {
    start: (handler) => transport.start(handler),
    send: (to, messages) => {
      for (const message of messages) onSend(message);
      transport.send(to, messages);
    },
    forward: (to, requests) => transport.forward(to, requests),
    respond: (to, responses) => transport.respond(to, responses),
    sendSnapshot: (request, chunks) => {
      onSend(request);
      return transport.sendSnapshot(request, chunks);
    },
    close: () => transport.close(),
  };
}
