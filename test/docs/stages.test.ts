import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { root } from '../../scripts/packages.mjs';
import { allTests, processesOf, stages } from '../../scripts/test-stages.mjs';

const names = stages.map(({ name }) => name);

describe('the stages of npm test', () => {
  test('are those that README.md names, in this order', () => {
    const list = /one stage\n?\s*\(([^)]*)\)/.exec(readme())?.[1] ?? '';
    assert.deepEqual(list.split(/,\s+/), names);
  });

  test('are all explained in docs/testing.md', () => {
    const text = readFileSync(join(root, 'docs', 'testing.md'), 'utf8');
    const explained = names.filter((name) => text.includes(`\`${name}\``));
    assert.deepEqual(explained, names);
  });

  test('run every test file once', () => {
    const processes = stages.flatMap((stage) => processesOf(stage));
    assert.deepEqual([...processes.flat()].sort(), [...allTests].sort());
    assert.ok(processes.every((files) => files.length > 0));
  });
});

test('a stage that is a command counts in the sum, too', () => {
  const script = join(root, 'scripts', 'test.mjs');
  const { status, stdout } = spawnSync(process.execPath, [script, 'build'], { encoding: 'utf8' });
  assert.equal(status, 0, stdout);
  assert.match(stdout, /^build +\d+\.\d s {2}ok\n1 passed, 0 failed\n$/);
});

test('README.md says of every dependency why it is there', () => {
  const { dependencies, devDependencies } = JSON.parse(
    readFileSync(join(root, 'package.json'), 'utf8'),
  );
  const [, text = ''] = readme().split(/^## Dependencies$/m);
  const [section = ''] = text.split(/^## /m);
  const named = [...section.matchAll(/`([^`]+)`/g)].map(([, name]) => name);
  const known = [...Object.keys(dependencies), ...Object.keys(devDependencies)];
  assert.deepEqual(named.toSorted(), known.toSorted());
});

test('every script that the pages name is in package.json', () => {
  const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const known = [...Object.keys(scripts), 'ci', 'install'];
  const pages = ['README.md', 'docs/testing.md'];
  for (const page of pages) {
    const text = readFileSync(join(root, page), 'utf8');
    const named = [...text.matchAll(/\bnpm (?:run )?([a-z]+(?::[a-z]+)*)/g)].map(
      ([, name]) => name,
    );
    const missing = named.filter((name) => name !== undefined && !known.includes(name));
    assert.deepEqual(missing, [], `${page} names scripts that are not there`);
  }
});

function readme(): string {
  return readFileSync(join(root, 'README.md'), 'utf8');
}
