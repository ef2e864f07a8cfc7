import { join } from 'node:path';
import { root } from '../../scripts/packages.mjs';
import {
  keyTables,
  markdownOf,
  moduleTable,
  type ParameterTable,
} from '../../src/http/openapi/parameter-tables.js';

/** The tables of each page that are made from the same source as `/openapi.json`. */
export const tablesOf: ReadonlyMap<string, readonly ParameterTable[]> = new Map([
  [join(root, 'docs', 'api.md'), Object.values(keyTables)],
  [join(root, 'docs', 'modules.md'), [moduleTable]],
]);

/** The page with the tables as they are now. */
export function withTables(page: string, tables: readonly ParameterTable[]): string {
  return tables.reduce((text, table) => {
    const fresh = markdownOf(table);
    const [head = ''] = fresh.split('\n');
    const start = text.indexOf(`${head}\n`);
    if (start < 0) throw new Error(`no page has the table "${head}"`);
    const end = text.indexOf('\n\n', start);
    return text.slice(0, start) + fresh + text.slice(end);
  }, page);
}
