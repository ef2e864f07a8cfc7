import { freePorts } from '../../scripts/cluster/free-ports.mjs';
import { LinkProxy } from '../../scripts/cluster/link-proxy.mjs';
import { releaseFormats } from '../../src/encoding/format-range.js';
import type { MemberId } from '../../src/ids.js';
import type { PeerSecurity } from '../../src/tls/peer-security.js';
import type { Address } from '../../src/transport/channel.js';
import { GrpcTransport } from '../../src/transport/grpc-transport.js';
import type { Hello } from '../../src/transport/transport.js';
import type { TransportTuning } from '../../src/transport/tuning.js';
import { LogRecorder } from '../support/log-recorder.js';
import type { Changes, Rig } from './rig.js';
import { alice, bob } from './samples.js';

const deadlineMs = 5_000;

export const incomingConnectionsMax = 24;

export const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

export function helloOf(member: MemberId, changes: Partial<Hello> = {}): Hello {
  return {
    formats: releaseFormats,
    clusterId: 'cluster',
    memberId: member,
    incarnation: `incarnation of ${member}`,
    ...changes,
  };
}

/** What a member shows and trusts; undefined where members do not speak TLS. */
export type SecurityOf = (member: MemberId) => PeerSecurity | undefined;

/** Members of this process, over real sockets on the loopback interface. */
export class GrpcRig implements Rig {
  readonly ports: ReadonlyMap<MemberId, number>;
  readonly tuning: Partial<TransportTuning>;
  readonly logger = new LogRecorder();
  readonly #opened: GrpcTransport[] = [];
  /** By "from>to"; who is not named here reaches the other directly. */
  readonly #slowLinks = new Map<string, LinkProxy>();

  readonly #securityOf: SecurityOf;

  constructor(
    ports: ReadonlyMap<MemberId, number>,
    tuning: Partial<TransportTuning>,
    securityOf: SecurityOf = () => undefined,
  ) {
    this.ports = ports;
    this.tuning = tuning;
    this.#securityOf = securityOf;
  }

  static async create(
    tuning: Partial<TransportTuning> = {},
    securityOf?: SecurityOf,
  ): Promise<GrpcRig> {
    const [one = 0, other = 0] = await freePorts(2);
    const ports = new Map([
      [alice, one],
      [bob, other],
    ]);
    return new GrpcRig(ports, tuning, securityOf);
  }

  get opened(): readonly GrpcTransport[] {
    return this.#opened;
  }

  get latest(): GrpcTransport {
    const latest = this.#opened.at(-1);
    if (latest === undefined) throw new Error('nothing was opened');
    return latest;
  }

  open(member: MemberId, changes: Changes): GrpcTransport {
    const addresses = [...this.ports.keys()].map(
      (id) => [id, this.#addressOf(member, id)] as const,
    );
    const transport = new GrpcTransport({
      listen: { host: '127.0.0.1', port: this.ports.get(member) ?? 0 },
      hello: helloOf(member, changes.hello),
      peers: new Map(addresses.filter(([id]) => id !== member)),
      incomingConnectionsMax,
      security: this.#securityOf(member),
      logger: this.logger,
      tuning: this.tuning,
    });
    this.#opened.push(transport);
    return transport;
  }

  async slowDown(from: MemberId, to: MemberId, bytesPerSecond: number): Promise<void> {
    const link = new LinkProxy(this.#addressOf(from, to));
    this.#slowLinks.set(`${from}>${to}`, link);
    link.limit(bytesPerSecond);
    await link.open();
  }

  /**
   * From now on the connection that was dialled last over each slow link is as silent as a broken
   * wire.
   */
  silenceNewest(): void {
    for (const link of this.#slowLinks.values()) link.silenceNewest();
  }

  async until(condition: () => boolean, what: string): Promise<void> {
    const deadline = performance.now() + deadlineMs;
    while (!condition()) {
      if (performance.now() > deadline) throw new Error(`it never came true that ${what}`);
      await this.pass(2);
    }
  }

  async pass(ms: number): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, ms));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#opened.map((transport) => transport.close()));
    await Promise.all([...this.#slowLinks.values()].map((link) => link.close()));
  }

  /** Both are on this host, under names of their own. */
  #addressOf(from: MemberId, to: MemberId): Address {
    const port = this.#slowLinks.get(`${from}>${to}`)?.port ?? this.ports.get(to) ?? 0;
    return { host: '127.0.0.1', port, hostname: to === bob ? 'localhost' : '127.0.0.1' };
  }
}
