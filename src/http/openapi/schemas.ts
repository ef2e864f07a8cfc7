/** JSON Schema, as OpenAPI 3.1 has it. */
export type Schema = Readonly<Record<string, unknown>>;

const text: Schema = { type: 'string' };
const count: Schema = { type: 'integer', minimum: 0 };
const flag: Schema = { type: 'boolean' };
const time: Schema = { type: 'string', format: 'date-time' };

export function reference(name: keyof typeof schemas): Schema {
  return { $ref: `#/components/schemas/${name}` };
}

function list(items: Schema): Schema {
  return { type: 'array', items };
}

/** All properties are required, but for those that are named. */
function object(
  properties: Readonly<Record<string, Schema>>,
  optional: readonly string[] = [],
): Schema {
  const required = Object.keys(properties).filter((name) => !optional.includes(name));
  return { type: 'object', properties, required };
}

const schemaOf = (name: string): Schema => ({ $ref: `#/components/schemas/${name}` });

const place = {
  index: { ...count, description: 'of the place: its fencing token' },
  value: text,
  client: { ...text, description: 'the address of a client without a value' },
  mode: { enum: ['exclusive', 'shared'] },
  ttl: { type: 'number' },
};

const memberFields = {
  id: text,
  name: text,
  peerURLs: list(text),
  clientURLs: list(text),
};

/** What answers look like. Those of the statistics are told in docs/api.md only. */
export const schemas = {
  Error: object(
    {
      errorCode: count,
      message: text,
      cause: { ...text, description: 'what was wrong' },
      index: { ...count, description: 'as in X-Etcd-Index' },
      place: { ...count, description: 'of a place in a queue that is left behind' },
      effect: { const: 'none', description: 'with 503: the request has changed nothing' },
    },
    ['cause', 'place', 'effect'],
  ),
  Node: object(
    {
      key: text,
      value: text,
      dir: flag,
      nodes: list(schemaOf('Node')),
      expiration: time,
      ttl: count,
      modifiedIndex: count,
      createdIndex: count,
    },
    ['key', 'value', 'dir', 'nodes', 'expiration', 'ttl', 'modifiedIndex', 'createdIndex'],
  ),
  Event: object(
    {
      action: {
        enum: [
          ...['get', 'set', 'create', 'update', 'delete', 'expire'],
          ...['compareAndSwap', 'compareAndDelete'],
        ],
      },
      node: schemaOf('Node'),
      prevNode: schemaOf('Node'),
    },
    ['node', 'prevNode'],
  ),
  Holder: object({ ...place, ttlLeft: { type: 'number' }, since: time }, ['client']),
  Waiter: object({ ...place, waitingSince: time }, ['client']),
  HolderChange: object(
    {
      index: count,
      action: { enum: ['granted', 'released', 'forced', 'expired'] },
      place: count,
      value: text,
      time,
    },
    ['value'],
  ),
  Lock: object({
    name: text,
    limit: count,
    index: { ...count, description: 'of the last change of holders' },
    holder: { anyOf: [schemaOf('Holder'), { type: 'null' }] },
    holders: list(schemaOf('Holder')),
    queue: list(schemaOf('Waiter')),
    history: list(schemaOf('HolderChange')),
  }),
  LockSummary: object({
    name: text,
    limit: count,
    holders: list(schemaOf('Holder')),
    holding: count,
    waiting: count,
  }),
  LockPage: object({
    index: count,
    locks: list(schemaOf('LockSummary')),
    next: { type: ['string', 'null'], description: '`after` of the next page' },
  }),
  Member: object({ ...memberFields, isLearner: { const: true } }, ['isLearner']),
  MemberToAdd: object({ peerURLs: list(text), name: text, learner: { type: 'boolean' } }, [
    'name',
    'learner',
  ]),
  MemberToMove: object({ peerURLs: list(text) }),
  Members: object({ members: list(schemaOf('Member')) }),
  Message: object({ message: text }),
  Transfer: object({ from: text, to: text }),
  Version: object({ etcdserver: text, etcdcluster: text, conclave: text }),
  Health: object({ health: { enum: ['true', 'false'] }, reason: text }, ['reason']),
} as const satisfies Readonly<Record<string, Schema>>;
