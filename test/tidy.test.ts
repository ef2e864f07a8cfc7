import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, test } from 'node:test';
import { cycles, forbiddenImports } from './tidy/arrows.js';
import { narrow } from './tidy/narrow.js';
import { type LockFile, missingPlatforms, registryHosts } from './tidy/packages.js';
import {
  encapsulated,
  fileLinesMax,
  finished,
  guarded,
  kebabCase,
  movable,
  namedExports,
  nothingHidden,
  oneResult,
  pure,
  type Rule,
  short,
  testsRun,
  viewsAreTypes,
} from './tidy/rules.js';
import { codeOf, exists, readProject, root, type Source } from './tidy/source.js';

const project = readProject();
const sources = project.filter(({ path }) => /^src\/.*\.tsx?$/.test(path));

/** Each rule, with faults that it must find and things that look like faults and are none. */
const rules: readonly {
  readonly claim: string;
  readonly rule: Rule;
  readonly faults: readonly (readonly [path: string, text: string])[];
  readonly fine: readonly (readonly [path: string, text: string])[];
}[] = [
  {
    claim: 'the core is a function of its inputs',
    rule: pure,
    faults: [
      ['src/raft/raft.ts', 'const now = Date.now();'],
      ['src/store/tree.ts', `const at = \`\${performance.now()}\`;`],
      ['src/command/codec.ts', 'setTimeout(stop, 1);'],
      ['src/raft/log.ts', 'const x = Math.random();'],
      ['src/raft/log.ts', 'if (process.env.DEBUG) stop();'],
      ['src/raft/log.ts', 'export async function load() {}'],
      ['src/store/tree.ts', 'names.sort((a, b) => a.localeCompare(b));'],
      ['src/store/tree.ts', 'const quote = /[\'"]/; console.log(quote);'],
    ],
    fine: [
      ['src/raft/raft.ts', '// No Date and no await.\nthis.#random();'],
      ['src/store/tree.ts', "throw new Error('Promise');"],
      ['src/member/driver.ts', 'await Promise.all([]);'],
      ['src/raft/DESIGN.md', 'It waits for no process.'],
    ],
  },
  {
    claim: `no file has more than ${fileLinesMax} lines`,
    rule: short,
    faults: [['src/raft/raft.ts', 'x\n'.repeat(fileLinesMax + 1)]],
    fine: [
      ['src/raft/raft.ts', 'x\n'.repeat(fileLinesMax)],
      ['README.md', 'x\n'.repeat(fileLinesMax + 1)],
    ],
  },
  {
    claim: 'no line is too wide, but for the strings in it',
    rule: narrow,
    faults: [
      ['src/raft/raft.ts', `// ${'word '.repeat(30)}`],
      ['src/raft/raft.ts', `/**\n * ${'word '.repeat(30)}\n */`],
      ['src/raft/raft.ts', `const a = 1; // ${'word '.repeat(30)}`],
      ['src/raft/raft.ts', `const a = ${'1 + '.repeat(30)}1;`],
      ['README.md', 'word '.repeat(30)],
      ['docs/x.md', `- ${'word '.repeat(30)}`],
    ],
    fine: [
      ['src/raft/raft.ts', `const a = '${'word '.repeat(30)}';`],
      ['src/raft/raft.ts', `const a = \`${'word '.repeat(30)}\`;`],
      ['src/raft/raft.ts', `// https://${'word'.repeat(30)}`],
      ['docs/x.md', `| ${'word '.repeat(30)} |`],
      ['docs/x.md', `\`\`\`\n${'word '.repeat(30)}\n\`\`\``],
    ],
  },
  {
    claim: 'nothing was left for later',
    rule: finished,
    faults: [
      ['src/raft/raft.ts', `// ${'TO'}${'DO'}: later`],
      ['README.md', `${'FIX'}${'ME'}`],
      ['test/raft/log.test.ts', `// @ts${'-ignore'}`],
      ['src/raft/raft.ts', `// biome${'-ignore'} lint/x: y`],
    ],
    fine: [['src/raft/raft.ts', 'const todos = 1;']],
  },
  {
    claim: 'what is copied on write is changed by its guard alone',
    rule: guarded,
    faults: [['src/store/keys/key-commands.ts', 'const node: Writable<Node> = found;']],
    fine: [['src/store/keys/tree.ts', 'const changed: Writable<Node> = node;']],
  },
  {
    claim: 'nothing names a place on the machine where it was written',
    rule: movable,
    faults: [
      ['scripts/test.mjs', `const folder = '${['', 'work', 'main'].join('/')}';`],
      ['README.md', `cd ${['', 'root'].join('/')}`],
      ['docs/x.md', `see ${['', 'tmp', 'bash_jobs'].join('/')}`],
    ],
    fine: [
      ['scripts/test.mjs', "const parts = './work/x';"],
      ['src/http/keys/keys-api.ts', "const path = '/tmp/data';"],
      ['test/storage/log.test.ts', `const says = ${['', 'root'].join('/')} record/;`],
    ],
  },
  {
    claim: 'exports have names',
    rule: namedExports,
    faults: [['src/raft/raft.ts', 'export default class Raft {}']],
    fine: [['src/raft/raft.ts', '// export default is not used\nexport class Raft {}']],
  },
  {
    claim: 'nobody else changes the fields of a class',
    rule: encapsulated,
    faults: [
      ['src/member/clock.ts', 'export class Clock {\n  now = 0;\n}'],
      ['src/member/clock.ts', 'class Clock {\n  now: number | undefined;\n}'],
      ['src/member/clock.ts', 'class Clock {\n  static now: number;\n}'],
      ['src/member/clock.ts', 'class Clock {\n  readonly #a = 1;\n  queue: Entry[] = [];\n}'],
    ],
    fine: [
      ['src/member/clock.ts', 'class Clock {\n  #now = 0;\n  readonly at: number;\n}'],
      ['src/member/clock.ts', 'class Clock {\n  now(): number {\n    return 1;\n  }\n}'],
      ['src/member/clock.ts', 'class Clock {\n  get now(): number {\n    return 1;\n  }\n}'],
      ['src/member/clock.ts', 'interface Clock {\n  now: number;\n}'],
      ['src/member/clock.ts', 'class Clock {}\nconst f = {\n  now: 1,\n};'],
      ['src/raft/state.ts', 'class RaftState {\n  leaderId: number;\n}'],
    ],
  },
  {
    claim: 'file names are in kebab-case',
    rule: kebabCase,
    faults: [
      ['src/raft/RaftLog.ts', ''],
      ['src/raft_core/log.ts', ''],
      ['test/raft/log.spec.ts', ''],
      ['src/dashboard/KeyTree.tsx', ''],
    ],
    fine: [
      ['src/raft/raft-log.ts', ''],
      ['test/raft/raft-log.test.ts', ''],
    ],
  },
  {
    claim: 'a value and the reason why there is none are a Result',
    rule: oneResult,
    faults: [
      ['src/config/x.ts', 'export function parse(text: string): Address | string {'],
      ['src/store/x.ts', '  find(path: string): Node | Refusal {'],
      ['src/view/x.ts', '  get(path: string): Promise<NodeEvent | CommandError>;'],
      ['src/http/x.ts', "if ('errorCode' in found) return;"],
    ],
    fine: [
      ['src/store/x.ts', '  find(path: string): Result<Node, Refusal> {'],
      ['src/store/x.ts', '  cause(): string | undefined {'],
      ['src/store/x.ts', '  constructor(value: number | string) {'],
      ['src/dashboard/x.ts', "if ('status' in answer) return;"],
    ],
  },
  {
    claim: 'views are types and nothing else',
    rule: viewsAreTypes,
    faults: [
      ['src/view/watch.ts', 'export const none = 0;'],
      ['src/view/watch.ts', "import { logIndex } from '../ids.js';"],
    ],
    fine: [
      ['src/view/watch.ts', "import type { X } from './x.js';\nexport interface Y extends X {}"],
      ['src/store/tree.ts', 'export const none = 0;'],
    ],
  },
  {
    claim: 'every test is in a file that is run',
    rule: testsRun,
    faults: [
      ['test/raft/log.ts', "import { test } from 'node:test';\ntest('x', () => {});"],
      ['test/raft/log.test.ts', 'export const x = 1;'],
    ],
    fine: [
      ['test/raft/log.test.ts', "import { test } from 'node:test';\ntest('x', () => {});"],
      [
        'test/storage/conformance.ts',
        "import { test } from 'node:test';\nexport function suite() { test('x', () => {}); }",
      ],
    ],
  },
  {
    claim: 'no test is left out by hand',
    rule: nothingHidden,
    faults: [
      ['test/raft/log.test.ts', "test.only('x', () => {});"],
      ['test/raft/log.test.ts', "test.todo('x');"],
    ],
    fine: [['test/raft/log.test.ts', "// never test.only\ntest('only', () => {});"]],
  },
];

describe('the house is tidy', () => {
  for (const { claim, rule, faults, fine } of rules) {
    test(claim, () => assert.deepEqual(project.flatMap(rule), []));
    for (const [path, text] of faults) {
      test(`a fault would be found: ${path} ${JSON.stringify(text.slice(0, 50))}`, () => {
        assert.equal(rule({ path, text }).length, 1);
      });
    }
    for (const [path, text] of fine) {
      test(`no fault is seen where none is: ${path} ${JSON.stringify(text.slice(0, 50))}`, () => {
        assert.deepEqual(rule({ path, text }), []);
      });
    }
  }
});

describe('imports', () => {
  const importing = (path: string, specifier: string): Source => ({
    path,
    text: `import { x } from '${specifier}';`,
  });

  test('point down the arrows only', () => assert.deepEqual(forbiddenImports(sources), []));
  test('go in no circle', () => assert.deepEqual(cycles(sources), []));

  const forbidden = [
    importing('src/raft/raft.ts', '../storage/storage.js'),
    importing('src/raft/raft.ts', 'node:crypto'),
    importing('src/store/tree.ts', '../raft/entry.js'),
    importing('src/store/keys/tree.ts', '../locks/queue.js'),
    importing('src/store/locks/queue.ts', '../snapshot/snapshot-format.js'),
    importing('src/encoding/wire.ts', 'protobufjs'),
    importing('src/view/state-view.ts', '../store/state-machine.js'),
    importing('src/transport/grpc.ts', '../storage/storage.js'),
    importing('src/lock/lock.ts', '../member/driver.js'),
    importing('src/http/keys/keys-api.ts', '../../store/tree.js'),
    importing('src/http/keys/keys-api.ts', '../modules/lock.js'),
    importing('src/http/server/send.ts', '../replies.js'),
    importing('src/service/service.ts', '../http/api.js'),
    importing('src/http/dashboard/page.ts', '../replies.js'),
    importing('src/member/member.ts', '../http/app.js'),
    importing('src/server.ts', './main.js'),
    importing('src/newcomer/part.ts', '../ids.js'),
    importing('src/dashboard/page.tsx', '../http/api.js'),
    importing('src/dashboard/page.ts', 'node:fs'),
    importing('src/client/client.ts', 'node:timers'),
    importing('src/client/client.ts', '../result.js'),
    importing('src/http/api.ts', '../dashboard/page.js'),
    { path: 'src/raft/raft.ts', text: "export * from '../member/driver.js';" },
    { path: 'src/raft/raft.ts', text: "import type { X } from '../member/driver.js';" },
    { path: 'src/raft/raft.ts', text: "import '../member/driver.js';" },
    { path: 'src/raft/raft.ts', text: "const x = import('../member/driver.js');" },
    { path: 'src/raft/raft.ts', text: "import {\n  x,\n} from '../member/driver.js';" },
  ];
  for (const source of forbidden) {
    test(`against an arrow would be found: ${source.path}: ${source.text}`, () => {
      assert.equal(forbiddenImports([source]).length, 1);
    });
  }

  test('along the arrows are allowed', () => {
    const allowed = [
      importing('src/raft/raft.ts', '../assert.js'),
      importing('src/lock/lock.ts', '../member/coordinator.js'),
      importing('src/http/koa-app.ts', '@koa/router'),
      importing('src/http/koa-app.ts', './cluster/stats.js'),
      importing('src/http/keys/keys-api.ts', '../server/send.js'),
      importing('src/storage/level.ts', 'node:fs/promises'),
      { path: 'src/raft/raft.ts', text: "// import { x } from '../member/driver.js';" },
    ];
    assert.deepEqual(forbiddenImports(allowed), []);
  });

  test('in a circle would be found', () => {
    const circle = [
      importing('src/raft/a.ts', './b.js'),
      { path: 'src/raft/b.ts', text: "export * from './c.js';\nimport type { D } from './d.js';" },
      importing('src/raft/c.ts', './a.js'),
      importing('src/raft/d.ts', './a.js'),
      importing('src/dashboard/a.tsx', './b.js'),
      importing('src/dashboard/b.ts', './a.js'),
    ];
    assert.deepEqual(cycles(circle), [
      'src/raft/a.ts -> src/raft/b.ts -> src/raft/c.ts -> src/raft/a.ts',
      'src/raft/a.ts -> src/raft/b.ts -> src/raft/d.ts -> src/raft/a.ts',
      'src/dashboard/a.ts -> src/dashboard/b.ts -> src/dashboard/a.ts',
    ]);
  });
});

test('code is told from comments, strings, templates and regular expressions', () => {
  const cases = [
    ["a('Date') // Date", 'a(      )        '],
    [`\`Date \${Date} Date\``, `\`     \${Date}     \``],
    [`\`\${f({ a: \`\${Date}\` })}\`Date`, `\`\${f({ a: \`\${Date}\` })}\`Date`],
    ["const r = /['`]/; Date", 'const r =       ; Date'],
    ['a / b / Date', 'a / b / Date'],
    ['/* Date */ Date', '           Date'],
    ["'it\\'s Date'; Date", '            ; Date'],
  ] as const;
  for (const [text, code] of cases) assert.equal(codeOf(text), code);
});

test('the parts where the thinking is explain themselves', () => {
  const missing = ['src/raft', 'src/member'].filter((folder) => !exists(`${folder}/DESIGN.md`));
  assert.deepEqual(missing, []);
});

describe('the lock file', () => {
  const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as LockFile;

  test('names no registry', () => assert.deepEqual(registryHosts(lock), []));
  test('names the builds for every platform', () => assert.deepEqual(missingPlatforms(lock), []));

  test('a host, or a missing platform, would be found', () => {
    const faulty = {
      packages: {
        'node_modules/a': { resolved: 'https://registry.example/a.tgz' },
        'node_modules/b': { optionalDependencies: { 'b-linux': '1.0.0', 'b-other': '1.0.0' } },
        'node_modules/b-linux': {},
      },
    };
    assert.deepEqual(registryHosts(faulty).length, 1);
    assert.deepEqual(missingPlatforms(faulty), [
      'b-other, wanted by node_modules/b, is not locked',
    ]);
  });
});

describe('the linter', () => {
  const faults: readonly (readonly [path: string, text: string, category: string])[] = [
    ['src/raft/long.ts', longFunction(71), 'noExcessiveLinesPerFunction'],
    ['src/raft/clock.ts', 'export const now = Date.now();', 'noRestrictedGlobals'],
    ['src/raft/any.ts', 'export const x: any = 1;', 'noExplicitAny'],
    ['src/raft/main.ts', 'export default 1;', 'noDefaultExport'],
    ['src/raft/null.ts', 'export const f = (x?: string) => x!.length;', 'noNonNullAssertion'],
    ['src/raft/kind.ts', 'export enum Kind {\n  A,\n}', 'noEnum'],
    ['src/raft/File.ts', 'export const x = 1;', 'useFilenamingConvention'],
    [
      'src/member/floating.ts',
      'async function work(): Promise<void> {}\nexport function start(): void {\n  work();\n}',
      'noFloatingPromises',
    ],
  ];

  test(`finds what it is there for, functions over 70 lines among them`, () => {
    const folder = mkdtempSync(join(tmpdir(), 'conclave-tidy-'));
    try {
      cpSync(join(root, 'biome.json'), join(folder, 'biome.json'));
      const fine = ['src/raft/fine.ts', longFunction(70)] as const;
      for (const [path, text] of [...faults, fine]) {
        mkdirSync(dirname(join(folder, path)), { recursive: true });
        writeFileSync(join(folder, path), `${text}\n`);
      }
      const found = lint(folder);
      for (const [path, , category] of faults) {
        assert.ok(
          found.some((line) => line.includes(path) && line.includes(category)),
          category,
        );
      }
      assert.deepEqual(
        found.filter((line) => line.includes('fine.ts')),
        [],
      );
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  function longFunction(bodyLines: number): string {
    const body = Array.from({ length: bodyLines }, (_, index) => `  work(${index});`);
    return `export function long(work: (x: number) => void): void {\n${body.join('\n')}\n}`;
  }

  function lint(folder: string): readonly string[] {
    const biome = join(root, 'node_modules', '@biomejs', 'biome', 'bin', 'biome');
    const args = [biome, 'lint', '--reporter=github', '--max-diagnostics=none', '.'];
    const { stdout } = spawnSync(process.execPath, args, { cwd: folder, encoding: 'utf8' });
    return stdout.split('\n');
  }
});
