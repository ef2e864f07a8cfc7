import { type IncomingHttpHeaders, type IncomingMessage, request, type Server } from 'node:http';
import { Agent, request as requestSecurely } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import type { SecureContextOptions } from 'node:tls';
import { type Api, type ApiOptions, createApi } from '../../src/http/api.js';
import {
  createHttpServer,
  defaultLimits,
  type HttpServerLimits,
} from '../../src/http/server/http-server.js';
import type { SecureListening } from '../../src/http/server/secure-server.js';
import type { Logger } from '../../src/logger.js';
import { Metrics } from '../../src/metrics/metrics.js';
import { RecentEvents } from '../../src/service/recent-events.js';
import { Service, type ServiceOptions } from '../../src/service/service.js';
import { LocalCoordinator } from './local-coordinator.js';
import { ManualClock } from './manual-clock.js';

export const silentLogger: Logger = {
  debug: () => {},
  info: () => {},
  warn: () => {},
  error: () => {},
};

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface Question {
  readonly method: string;
  /** With its query, escaped. */
  readonly path: string;
  readonly form?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** By https: what the client shows and trusts. */
  readonly shown?: SecureContextOptions | undefined;
}

type ServerOptions = ServiceOptions & ApiOptions;

/**
 * One member's client API on a free port, over a cluster of one, with a clock that the test moves.
 */
export class ApiServer implements AsyncDisposable {
  readonly clock: ManualClock;
  readonly coordinator: LocalCoordinator;
  readonly service: Service;
  readonly api: Api;
  readonly #server: Server;
  readonly #wallOffsetMs: number;
  /** A handshake costs more than all else that a test does, so these keep their connections. */
  readonly #agents = new Map<SecureContextOptions, Agent>();
  #lastSocket: Socket | undefined;
  #connections = 0;

  static async start(
    options: Partial<ServerOptions> = {},
    limits: Partial<HttpServerLimits> = {},
    secure?: SecureListening,
  ): Promise<ApiServer> {
    const server = new ApiServer(options, { ...defaultLimits, ...limits }, secure);
    await new Promise<void>((resolve) => {
      server.#server.listen(0, '127.0.0.1', resolve);
    });
    return server;
  }

  private constructor(
    options: Partial<ServerOptions>,
    limits: HttpServerLimits,
    secure: SecureListening | undefined,
  ) {
    this.clock = new ManualClock(1_000_000);
    this.coordinator = new LocalCoordinator(this.clock);
    this.coordinator.configured = (options.members ?? []).map(({ memberId, name, peerUrls }) => {
      return { memberId, name, peerUrls, isLearner: false, staysLearner: false };
    });
    this.#wallOffsetMs = Date.now() - this.clock.now();
    this.service = new Service({
      coordinator: this.coordinator,
      wallNow: () => this.wallNow(),
      members: [],
      maxWaitingRequests: 30_000,
      requestTimeoutMs: 3000,
      heapBytesMax: 1e9,
      version: '1.2.3',
      events: new RecentEvents(this.clock),
      logger: silentLogger,
      ...options,
    });
    this.api = createApi({
      context: this.service.context,
      cors: [],
      hosts: ['*'],
      maxRequestBytes: 1_572_864,
      defaultRead: 'linearizable',
      dashboard: new Map(),
      metrics: new Metrics({
        context: this.service.context,
        clientConnections: () => ({ used: this.#connections, max: 10, refused: 0 }),
        certificates: () => ({ clients: undefined, peers: undefined }),
        diskFreeBytes: async () => 1_000_000,
      }),
      logger: silentLogger,
      ...options,
    });
    this.#server = createHttpServer(this.api.handler, limits, secure);
    this.#server.on('connection', (socket) => {
      this.#connections += 1;
      socket.once('close', () => {
        this.#connections -= 1;
      });
      this.#lastSocket = socket;
    });
  }

  /** Moves with the clock: a difference between the two would mean that the wall clock was set. */
  wallNow(): number {
    return this.#wallOffsetMs + this.clock.now();
  }

  get server(): Server {
    return this.#server;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Open connections, as the server sees them. */
  get connections(): number {
    return this.#connections;
  }

  /** Calls back once, when the server has seen the newest connection close. */
  onConnectionClosed(callback: () => void): void {
    this.#lastSocket?.once('close', () => setImmediate(callback));
  }

  /** Resolves with a complete answer. */
  async ask(method: string, path: string, form?: string): Promise<Answer> {
    return await this.askFor(form === undefined ? { method, path } : { method, path, form });
  }

  async askFor(question: Question): Promise<Answer> {
    return await readWhole(await this.open(question).head);
  }

  /** Sends a request whose answer may take long, or never arrive. */
  open({ method, path, form, headers, shown }: Question): Pending {
    const outgoing = (shown === undefined ? request : requestSecurely)({
      ...shown,
      host: '127.0.0.1',
      port: this.port,
      method,
      path,
      agent: shown === undefined ? false : this.#agentFor(shown),
      headers: {
        ...(form === undefined ? {} : formHeaders(form)),
        ...headers,
      },
    });
    const head = new Promise<IncomingMessage>((resolve, reject) => {
      outgoing.on('response', resolve);
      outgoing.on('error', reject);
    });
    head.catch(() => {});
    outgoing.end(form);
    return { head, leave: () => outgoing.destroy() };
  }

  #agentFor(shown: SecureContextOptions): Agent {
    const agent = this.#agents.get(shown) ?? new Agent({ keepAlive: true, ...shown });
    this.#agents.set(shown, agent);
    return agent;
  }

  /** As the member does before it stops. */
  async stopServing(): Promise<void> {
    await this.api.close();
    await this.service.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.coordinator.stop();
    for (const agent of this.#agents.values()) agent.destroy();
    this.#server.closeAllConnections();
    await new Promise((resolve) => {
      this.#server.close(resolve);
    });
  }
}

function formHeaders(form: string): Readonly<Record<string, string | number>> {
  return {
    'Content-Type': 'application/x-www-form-urlencoded',
    'Content-Length': Buffer.byteLength(form),
  };
}

export interface Pending {
  readonly head: Promise<IncomingMessage>;
  /** The client closes its connection. */
  leave(): void;
}

export async function readWhole(message: IncomingMessage): Promise<Answer> {
  let body = '';
  message.setEncoding('utf8');
  for await (const chunk of message) body += chunk;
  return { status: message.statusCode ?? 0, headers: message.headers, body };
}

/** The next line of a stream. */
export async function readLine(message: IncomingMessage): Promise<string> {
  message.setEncoding('utf8');
  let line = '';
  while (!line.endsWith('\n')) {
    const chunk: string | null = message.read();
    if (chunk !== null) line += chunk;
    else await new Promise((resolve) => message.once('readable', resolve));
  }
  return line;
}

/** Yields to the event loop until the condition is true, up to a deadline. */
export async function until(what: () => boolean): Promise<void> {
  const deadline = performance.now() + 10_000;
  while (!what()) {
    if (performance.now() > deadline) throw new Error(`it never became true: ${what}`);
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
  }
}
