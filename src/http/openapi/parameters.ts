import { keyTables, moduleTable, namesIn, type ParameterTable } from './parameter-tables.js';
import type { Schema } from './schemas.js';

/** A parameter of one kind of request. */
export interface Parameter {
  readonly name: string;
  readonly description: string;
  readonly schema: Schema;
}

const flag: Schema = { type: 'boolean' };
const count: Schema = { type: 'integer', minimum: 0 };
const text: Schema = { type: 'string' };

/** Every other one is a text. */
const schemaOf: Readonly<Record<string, Schema>> = {
  ...Object.fromEntries(
    [
      ...['recursive', 'sorted', 'hidden', 'quorum', 'wait', 'stream', 'dir', 'prevExist'],
      ...['refresh', 'noValueOnSuccess', 'keep', 'force'],
    ].map((name) => [name, flag]),
  ),
  ...Object.fromEntries(
    ['waitIndex', 'prevIndex', 'lockIndex', 'leaderIndex', 'index', 'timeout'].map((name) => [
      name,
      count,
    ]),
  ),
  ttl: { type: 'integer', minimum: 0, maximum: 3_153_600_000 },
  limit: { type: 'integer', minimum: 1, maximum: 10_000 },
  max: { type: 'integer', minimum: 1, maximum: 10_000 },
  progress: { type: 'integer', minimum: 1, maximum: 60 },
  hold: { enum: ['connection'] },
  mode: { enum: ['exclusive', 'shared'] },
  field: { enum: ['value', 'index'] },
  deny: { enum: ['403'] },
};

/** Those of requests at `/v2/keys`. */
export function keyParameters(
  table: 'ofRead' | 'ofPut' | 'ofPost' | 'ofDelete',
): readonly Parameter[] {
  const { conditions, ofWatch, ofPut } = keyTables;
  const names = new Set(keyTables[table].rows.flatMap(namesIn));
  const tables = [keyTables[table], conditions, ofWatch, ofPut];
  return [...names].map((name) => parameter(name, describe(name, tables)));
}

/** Those of locks and elections, by their names. */
export function moduleParameters(names: readonly string[]): readonly Parameter[] {
  return names.map((name) => parameter(name, describe(name, [moduleTable])));
}

function parameter(name: string, description: string): Parameter {
  return { name, description, schema: schemaOf[name] ?? text };
}

/** What the first table says of it that does more than refer to another one. */
function describe(name: string, tables: readonly ParameterTable[]): string {
  const found = tables.map(({ rows }) => rows.filter((each) => namesIn(each).includes(name)));
  const telling = found.map((rows) => rows.filter(({ text }) => !/^(?:see|as for) /.test(text)));
  const rows = telling.find((each) => each.length > 0) ?? found.flat().slice(0, 1);
  return rows
    .map((each) => (rows.length > 1 ? `${each.form}: ${each.text}` : each.text))
    .join('; ');
}
