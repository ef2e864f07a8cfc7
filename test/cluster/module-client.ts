import assert from 'node:assert/strict';
import type { RealCluster } from './real-cluster.js';

type Form = Readonly<Record<string, string>>;

interface QueueEntry {
  readonly index: number;
  readonly value: string;
  readonly ttlLeft?: number;
  readonly since?: string;
}

interface View {
  readonly holder: QueueEntry | null;
  readonly queue: readonly QueueEntry[];
}

/** Asks one member about locks and elections, and holds every answer against what all must have. */
export class ModuleClient {
  readonly #real: RealCluster;
  readonly #member: string;
  readonly #clusterId: string;

  constructor(real: RealCluster, member: string, clusterId: string) {
    this.#real = real;
    this.#member = member;
    this.#clusterId = clusterId;
  }

  /** The plain text of a success. */
  async text(method: string, path: string, form: Form): Promise<string> {
    return (await this.#success(method, path, form)).body;
  }

  /** Of a queue entry that has come to hold: a plain number, at which this member has arrived. */
  async index(method: string, path: string, form: Form): Promise<number> {
    const { headers, body } = await this.#success(method, path, form);
    assert.match(body, /^[1-9]\d*$/);
    assert.ok(Number(headers.get('x-etcd-index')) >= Number(body));
    return Number(body);
  }

  async #success(method: string, path: string, form: Form) {
    const answer = await this.#ask(method, path, form);
    const { status, headers, body } = answer;
    const what = `${this.#member} ${method} ${path} ${JSON.stringify(form)}: ${body}`;
    assert.equal(status, 200, what);
    assert.equal(headers.get('content-type'), 'text/plain; charset=utf-8', what);
    this.#assertQueued(headers);
    return answer;
  }

  async view(path: string): Promise<View> {
    const { status, headers, body } = await this.#ask('GET', path, {}, 'application/json');
    assert.equal(status, 200, body);
    assert.equal(headers.get('content-type'), 'application/json');
    this.#assertQueued(headers);
    return JSON.parse(body);
  }

  /** That it is an error with this status, errorCode and message. */
  async refused(
    method: string,
    path: string,
    form: Form,
    [status, errorCode, message]: readonly [number, number, string],
  ): Promise<void> {
    const answer = await this.#ask(method, path, form);
    const what = `${this.#member} ${method} ${path} ${JSON.stringify(form)}: ${answer.body}`;
    assert.equal(answer.status, status, what);
    assert.equal(answer.headers.get('content-type'), 'application/json', what);
    const { cause, index, ...error } = JSON.parse(answer.body);
    assert.deepEqual(error, { errorCode, message }, what);
    assert.ok(typeof cause === 'string' && cause !== '', what);
    assert.equal(answer.headers.get('x-etcd-index'), String(index), what);
    assert.equal(answer.headers.get('x-etcd-cluster-id'), this.#clusterId, what);
  }

  #assertQueued(headers: Headers): void {
    assert.equal(headers.get('x-etcd-cluster-id'), this.#clusterId);
    for (const name of ['x-etcd-index', 'x-raft-index', 'x-raft-term']) {
      assert.match(headers.get(name) ?? '', /^[1-9]\d*$/, name);
    }
  }

  /** A GET has no body in `fetch`, so its form goes into the query. */
  async #ask(method: string, path: string, form: Form, accept = '*/*') {
    const parameters = new URLSearchParams(form);
    const isGet = method === 'GET';
    const query = isGet && parameters.size > 0 ? `?${parameters}` : '';
    const answer = await fetch(this.#real.url(this.#member, `/mod/v2/${path}${query}`), {
      method,
      body: isGet ? null : parameters,
      headers: { Accept: accept },
      signal: AbortSignal.timeout(20_000),
    });
    return { status: answer.status, headers: answer.headers, body: await answer.text() };
  }
}
