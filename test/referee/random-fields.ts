import type { Random } from '../simulation/random.js';

export type Field = readonly [name: string, value: string];

/** What is known of the key, so that some conditions hold. */
export interface Facts {
  readonly value: string | undefined;
  readonly modifiedIndex: number | undefined;
  readonly etcdIndex: number;
}

const values = [
  ...[
    '1',
    '2',
    'hello world',
    '',
    'é日本😀',
    '<b>&amp;</b>',
    '"quoted"\\',
    'a+b=c&d',
    'x'.repeat(300),
  ],
  ...['line\nbreak\ttab\r', '\u0000\u0008\u000c\u001f\u007f', '\u2028\u2029\ufffd', '%41', ';'],
] as const;

const truths = ['true', '1', 't', 'TRUE'] as const;
const lies = ['false', '0', 'F', 'False'] as const;
const neither = ['', 'yes', 'tRuE', '2', ' true', 'null'] as const;

/** Mostly as it should be: of many mistakes at once only the first would be seen. */
function flag(random: Random, trueShare: number): string {
  const kind = random.float();
  if (kind < trueShare) return random.pick(truths);
  return kind < 0.96 ? random.pick(lies) : random.pick(neither);
}

function ttl(random: Random): string {
  if (random.chance(0.9))
    return random.pick(['100', '1000', '3600', '86400', '0100', '3000000000']);
  return random.pick(['', '-1', 'abc', '1.5', ' 5', '5s', '0x10', '18446744073709551616']);
}

function index(random: Random, { modifiedIndex, etcdIndex }: Facts): string {
  const kind = random.float();
  if (kind < 0.5) return String(modifiedIndex ?? etcdIndex);
  if (kind < 0.9) return random.pick(['0', '1', '000', String(etcdIndex), String(etcdIndex + 1)]);
  return random.pick(['', 'x', '-1', '1.0', ' 1', '1e3', '18446744073709551616']);
}

function prevValue(random: Random, { value }: Facts): string {
  if (random.chance(0.6) && value !== undefined) return value;
  return random.chance(0.1) ? '' : random.pick(values);
}

export function writeFields(random: Random, facts: Facts): Field[] {
  const fields: Field[] = [];
  const add = (share: number, name: string, value: () => string) => {
    if (random.chance(share)) fields.push([name, value()]);
  };
  const refreshes = random.chance(0.12);
  add(refreshes ? 0.1 : 0.85, 'value', () => random.pick(values));
  add(refreshes ? 0.85 : 0.15, 'ttl', () => ttl(random));
  if (refreshes) fields.push(['refresh', flag(random, 0.9)]);
  add(0.15, 'dir', () => flag(random, 0.8));
  add(0.2, 'prevExist', () => flag(random, 0.5));
  add(0.15, 'prevValue', () => prevValue(random, facts));
  add(0.15, 'prevIndex', () => index(random, facts));
  add(0.08, 'noValueOnSuccess', () => flag(random, 0.8));
  addStrangers(random, fields, facts);
  return fields;
}

export function deleteFields(random: Random, facts: Facts): Field[] {
  const fields: Field[] = [];
  if (random.chance(0.4)) fields.push(['recursive', flag(random, 0.8)]);
  if (random.chance(0.3)) fields.push(['dir', flag(random, 0.8)]);
  if (random.chance(0.25)) fields.push(['prevValue', prevValue(random, facts)]);
  if (random.chance(0.25)) fields.push(['prevIndex', index(random, facts)]);
  if (random.chance(0.05)) fields.push(['noValueOnSuccess', 'true']);
  addStrangers(random, fields, facts);
  return fields;
}

export function readFields(random: Random, facts: Facts): Field[] {
  const fields: Field[] = [];
  // Sorted whenever it is a listing: etcd walks a Go map, whose order is chance.
  fields.push(['sorted', random.pick(truths)]);
  if (random.chance(0.5)) fields.push(['recursive', flag(random, 0.8)]);
  if (random.chance(0.3)) fields.push(['quorum', flag(random, 0.7)]);
  if (random.chance(0.05)) fields.push(['noValueOnSuccess', 'true']);
  addStrangers(random, fields, facts);
  return fields;
}

/** Fields that mean nothing to the verb are checked all the same. */
function addStrangers(random: Random, fields: Field[], facts: Facts): void {
  if (!random.chance(0.06)) return;
  fields.push(
    random.pick<Field>([
      ['recursive', random.pick(neither)],
      ['sorted', random.pick(neither)],
      ['quorum', random.pick(neither)],
      ['stream', flag(random, 0.5)],
      ['wait', random.pick([...lies, ...neither])],
      ['waitIndex', index(random, facts)],
      ['unknown', 'x'],
      ['Value', 'upper'],
      ['', 'nameless'],
    ]),
  );
}

/** As a client writes them, with an escape for whatever needs one. */
export function encodeFields(random: Random, fields: readonly Field[]): string {
  return fields.map(([name, value]) => `${name}=${encodeValue(random, value)}`).join('&');
}

function encodeValue(random: Random, value: string): string {
  const text = encodeURIComponent(value);
  return random.chance(0.5) ? text.replaceAll('%20', '+') : text;
}
