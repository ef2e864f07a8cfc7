import { Random } from '../simulation/random.js';
import { type Answer, ask, type Question } from './exchange.js';
import { randomKey, spell } from './key-names.js';
import {
  deleteFields,
  encodeFields,
  type Facts,
  type Field,
  readFields,
  writeFields,
} from './random-fields.js';
import type { Partner, Scene } from './scene.js';

/** Questions of every kind, on few keys: what they are depends on the seed, and on the answers. */
export function randomScene(seed: number, questions: number): Scene {
  return {
    name: `seed ${seed}`,
    play: async (partner) => {
      const questioner = new Questioner(new Random(seed, 'referee'));
      for (let asked = 0; asked < questions; asked += 1) {
        const question = questioner.next();
        questioner.learn(question, await partner.ask(question));
      }
      await readAll(partner);
    },
  };
}

/** The result of a scene. */
export async function readAll(partner: Partner): Promise<void> {
  await partner.ask(ask('GET', '/v2/keys?recursive=true&sorted=true'));
}

interface KnownKey {
  readonly value: string | undefined;
  readonly modifiedIndex: number;
}

const knownMax = 24;

class Questioner {
  readonly #random: Random;
  /** The newest at the end. */
  readonly #known = new Map<string, KnownKey>();
  /** By the index at which they were changed last. */
  #events: (readonly [index: number, key: string])[] = [];
  #etcdIndex = 0;

  constructor(random: Random) {
    this.#random = random;
  }

  next(): Question {
    const random = this.#random;
    const key = randomKey(random, [...this.#known.keys()]);
    const target = spell(random, key);
    const facts = this.#factsOf(key);
    const kind = random.float();
    if (kind < 0.45) return this.#write('PUT', target, writeFields(random, facts));
    if (kind < 0.55) return this.#write('POST', target, writeFields(random, facts));
    if (kind < 0.7) return this.#query('DELETE', target, deleteFields(random, facts));
    if (kind < 0.86) return this.#query('GET', target, readFields(random, facts));
    if (kind < 0.92) return this.#query('HEAD', target, readFields(random, facts));
    if (kind < 0.96) return this.#watchThePast();
    return this.#oddity(target);
  }

  learn(question: Question, { headers, body }: Answer): void {
    const index = headers.find(([name]) => name === 'X-Etcd-Index')?.[1];
    if (index !== undefined && index !== '0') this.#etcdIndex = Number(index);
    const { node } = body.startsWith('{') ? JSON.parse(body) : { node: undefined };
    if (node?.key === undefined || node.key === '/') return;
    this.#known.delete(node.key);
    this.#known.set(node.key, { value: node.value, modifiedIndex: node.modifiedIndex });
    const [oldest] = this.#known.keys();
    if (this.#known.size > knownMax && oldest !== undefined) this.#known.delete(oldest);
    if (node.modifiedIndex !== this.#etcdIndex || !tellsOfAnEvent(question)) return;
    this.#events = [...this.#events.slice(-50), [node.modifiedIndex, node.key]];
  }

  #factsOf(key: string): Facts {
    const { value, modifiedIndex } = this.#known.get(key) ?? {};
    return { value, modifiedIndex, etcdIndex: this.#etcdIndex };
  }

  /** Fields go into the query, the body, or one here and one there. */
  #write(method: string, target: string, fields: readonly Field[]): Question {
    const random = this.#random;
    const kind = random.float();
    if (kind < 0.25) return this.#query(method, target, fields);
    if (kind < 0.7) return ask(method, target, encodeFields(random, fields));
    const inQuery = fields.filter(() => random.chance(0.5));
    const inBody = fields.filter((field) => !inQuery.includes(field) || random.chance(0.2));
    const { target: withQuery } = this.#query(method, target, inQuery);
    const question = ask(method, withQuery, encodeFields(random, inBody));
    if (!random.chance(0.05)) return question;
    return { ...question, contentType: random.pick(contentTypes) };
  }

  #query(method: string, target: string, fields: readonly Field[]): Question {
    if (fields.length === 0) return ask(method, target);
    return ask(method, `${target}?${encodeFields(this.#random, fields)}`);
  }

  /** Of an event that is known to have been, so that the answer comes at once. */
  #watchThePast(): Question {
    const [index, key] = this.#events.length > 0 ? this.#random.pick(this.#events) : [];
    if (index === undefined || key === undefined || key.includes('/_'))
      return ask('GET', '/v2/keys/a?sorted=true');
    const recursive = this.#random.chance(0.4);
    const parent = key.slice(0, key.lastIndexOf('/'));
    const path = (recursive ? parent : key).split('/').map(encodeURIComponent).join('/');
    return ask('GET', `/v2/keys${path}?wait=true&waitIndex=${index}&recursive=${recursive}`);
  }

  #oddity(target: string): Question {
    const random = this.#random;
    return random.pick<() => Question>([
      () => ask(random.pick(['PATCH', 'OPTIONS', 'PROPFIND', 'TRACE', 'LOCK']), target),
      () => ask(random.pick(['GET', 'PUT', 'HEAD']), random.pick(unknownTargets)),
      () => ask('PUT', target, random.pick(brokenForms)),
      () => ask('GET', `${target}?sorted=true&${random.pick(brokenForms)}`),
      () =>
        ask('PUT', `${target}?value=in+query&value=again&prevExist=`, 'value=in+body&value=again'),
    ])();
  }
}

const contentTypes = [
  'application/x-www-form-urlencoded; charset=utf-8',
  'APPLICATION/X-WWW-FORM-URLENCODED',
  'text/plain',
  'application/json',
  '',
] as const;

const brokenForms = [
  'value=%',
  'value=%zz',
  'va%2lue=1',
  'value=1;ttl=5',
  '&&value=1&',
  '=',
  '%3D',
];

const unknownTargets = [
  ...[
    '/v2',
    '/v2/',
    '/v2/keysx',
    '/v2/key/a',
    '/v2/Keys/a',
    '/V2/keys/a',
    '/v2/foo/bar',
    '/v2//foo',
  ],
  ...['/v2/keys/../foo', '/v2/keys/..', '/v2x', '/v2/keyz?value=1'],
] as const;

/** A read may show what a refresh has changed, and a refresh is no event. */
function tellsOfAnEvent({ method, target, body = '' }: Question): boolean {
  return method !== 'GET' && !`${target}&${body}`.includes('refresh=');
}
