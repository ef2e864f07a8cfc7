import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { unusedExports } from './exports.js';
import { readProject } from './source.js';

describe('exports', () => {
  test('have an importer', () => assert.deepEqual(unusedExports(readProject()), []));

  test('without one would be found, and no other', () => {
    const imported = [
      { path: 'src/raft/log.ts', text: 'export class Log {}\nexport async function f() {}' },
      { path: 'src/raft/term.ts', text: 'export const one = 1;\nexport interface Term {}' },
      { path: 'src/dashboard/row.tsx', text: 'export function Row() {}' },
      {
        path: 'test/raft/log.test.ts',
        text: `import {\n  type Log,\n  f as g,\n} from '../../src/raft/log.js';`,
      },
      { path: 'src/raft/raft.ts', text: `export { one } from './term.js';` },
      { path: 'src/later.ts', text: 'export function run() {}' },
      { path: 'src/main.ts', text: `const { run } = await import('./later.js');` },
      { path: 'src/dashboard/page.tsx', text: `import { Row } from './row.js';` },
    ];
    const unused = [
      { path: 'src/raft/old.ts', text: 'export function one() {}\nexport const x = one();' },
      { path: 'src/raft/quoted.ts', text: `// import { x } from './old.js';` },
    ];
    assert.deepEqual(unusedExports([...imported, ...unused]), [
      'src/raft/old.ts exports one to nobody',
      'src/raft/old.ts exports x to nobody',
    ]);
  });
});
