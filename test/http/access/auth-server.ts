import assert from 'node:assert/strict';
import type { SecureContextOptions } from 'node:tls';
import type { SecureListening } from '../../../src/http/server/secure-server.js';
import { type Answer, ApiServer, type Pending } from '../../support/api-server.js';

/** Computed in no time. */
const passwordCost = { cost: 2, blockSize: 1, parallelization: 1 };

export const passwords = { root: 'secret', alice: 'wonderland', nobody: 'nothing' } as const;
export type UserName = keyof typeof passwords;

export function basic(name: string, password: string): string {
  return `Basic ${Buffer.from(`${name}:${password}`).toString('base64')}`;
}

/** What alice may do, in the tests of all routes. */
const aliceMay = {
  kv: { read: ['/a*'], write: ['/a*'] },
  lock: { acquire: ['a*'], release: ['a*'], read: ['*'] },
  election: { acquire: ['a*'], release: ['a*'], read: ['*'] },
  admin: ['members', 'auth', 'status'],
};

type Options = NonNullable<Parameters<typeof ApiServer.start>[0]>;

/**
 * A server by TLS whose clients are named by their certificates, and the client that sets it up.
 */
export interface Named {
  readonly secure: SecureListening;
  readonly shown: SecureContextOptions;
}

/** A member that asks for users: root, alice with a role, and one who may do nothing. */
export class AuthServer implements AsyncDisposable {
  readonly api: ApiServer;
  readonly #shown: SecureContextOptions | undefined;

  private constructor(api: ApiServer, named: Named | undefined) {
    this.api = api;
    this.#shown = named?.shown;
  }

  /** Nobody is asked for a user yet. */
  static async open(options: Options = {}, named?: Named): Promise<AuthServer> {
    const api = await ApiServer.start({ passwordCost, ...options }, {}, named?.secure);
    api.coordinator.riseToNewest();
    return new AuthServer(api, named);
  }

  static async start(
    permissions: object = aliceMay,
    guest: object = { kv: { read: ['/g'], write: ['/g'] } },
    options: Options = {},
    named?: Named,
  ): Promise<AuthServer> {
    const server = await AuthServer.open(options, named);
    await server.mustPut('roles/dev', { role: 'dev', permissions });
    await server.mustPut('roles/guest', { role: 'guest', permissions: guest });
    for (const [user, password] of Object.entries(passwords)) {
      const roles = user === 'alice' ? ['dev'] : undefined;
      await server.mustPut(`users/${user}`, { user, password, roles });
    }
    await server.mustPut('enable');
    return server;
  }

  /** Before users are asked for, or as root. */
  async mustPut(path: string, content?: object): Promise<Answer> {
    const answer = await this.askAs('root', 'PUT', `/v2/auth/${path}`, content);
    assert.ok(answer.status < 300, `${path}: ${answer.status} ${answer.body}`);
    return answer;
  }

  async askAs(
    user: UserName | undefined,
    method: string,
    path: string,
    json?: object,
  ): Promise<Answer> {
    const authorization = user === undefined ? undefined : basic(user, passwords[user]);
    return await this.ask(authorization, method, path, json);
  }

  async ask(
    authorization: string | undefined,
    method: string,
    path: string,
    json?: object,
    shown = this.#shown,
  ): Promise<Answer> {
    return await this.api.askFor({
      ...{ method, path, shown },
      ...(json === undefined ? {} : { form: JSON.stringify(json) }),
      headers: {
        ...(authorization === undefined ? {} : { Authorization: authorization }),
        ...(json === undefined ? {} : { 'Content-Type': 'application/json' }),
      },
    });
  }

  open(user: UserName | undefined, method: string, path: string, accept?: string): Pending {
    return this.api.open({
      ...{ method, path, shown: this.#shown },
      headers: {
        ...(user === undefined ? {} : { Authorization: basic(user, passwords[user]) }),
        ...(accept === undefined ? {} : { Accept: accept }),
      },
    });
  }

  /** Alice may do nothing any more. */
  async revoke(): Promise<void> {
    await this.mustPut('users/alice', { user: 'alice', revoke: ['dev'] });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.api[Symbol.asyncDispose]();
  }
}
