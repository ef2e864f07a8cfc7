import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ConfigError } from '../../src/config/config-error.js';
import { readConfigFile } from '../../src/config/config-file.js';

function faultOf(text: string): string {
  try {
    readConfigFile({ text: 'a.yml', source: '--config-file' }, () => text);
  } catch (error) {
    assert.ok(error instanceof ConfigError, String(error));
    return error.message;
  }
  return assert.fail('nothing was refused');
}

describe('broken YAML is refused in one sentence, with the line where a person would look', () => {
  const cases: readonly (readonly [text: string, says: string])[] = [
    ['name: n1\ncors: [a\nlog-level: warn\n', 'line 2 opens a bracket that nothing closes'],
    ['name: n1\ncors: {a: b\n\n\n', 'line 2 opens a bracket that nothing closes'],
    ['name: [', 'line 1 opens a bracket that nothing closes'],
    ['name: "n1\ndata-dir: a\n', 'line 1 opens a quotation that nothing closes'],
    ["cors: x\nname: 'n1\ndata-dir: a\n", 'line 2 opens a quotation that nothing closes'],
    ['a: "x"\nname: "n1\n', 'line 2 opens a quotation that nothing closes'],
    ['name: n1\n  cors: x\nb: c\n', 'line 2 is indented deeper than the line that it follows'],
    ['a:\n  n1: b\n n2: c\n', 'line 3 is indented unlike the lines to which it belongs'],
    ['name: n1\n\tcors: x\n', 'line 2 is indented by a tab, where only blanks count'],
    ['name: n1\ncors\nlog-level: warn\n', 'line 2 is not of the form "key: value"'],
    ['name: n1\ncors:x\nlog-level: warn\n', 'line 2 is not of the form "key: value"'],
    [
      'name: n1\ncors: a: b\n',
      'line 2 has a second colon: what follows the first must be in quotation marks',
    ],
    ['name: n1\nname: n2\n', 'line 2 gives a key that an earlier line gives already'],
    [
      'name: n1\ncors: *\n',
      'line 2 has a value that begins with *, which must be in quotation marks',
    ],
    [
      'name: n1\ncors: *all\n',
      'line 2 has a value that begins with *, which must be in quotation marks',
    ],
    [
      'cors: %a\n',
      'line 1 has a value that begins with a mark of YAML, and must be in quotation marks',
    ],
    ['name: a\n---\nname: b\n', 'line 2 begins a second document, where only one is read'],
    [
      'name: n1\ncors: "\\q"\n',
      'line 2 has a backslash between quotation marks that means nothing: write it twice',
    ],
  ];
  for (const [text, says] of cases) {
    test(JSON.stringify(text), () => assert.equal(faultOf(text), `a.yml: ${says}`));
  }

  test('a fault without a sentence of its own still has its line', () => {
    assert.match(faultOf('name: a]\ncors: ]\n'), /^a\.yml: line 2 is not YAML \(.*\)$/);
  });
});

test('an alias that leads somewhere is as good as what it stands for', () => {
  const text = 'name: &n n1\ndata-dir: *n\n';
  const content = readConfigFile({ text: 'a.yml', source: '--config-file' }, () => text);
  assert.equal(content.get('data-dir'), 'n1');
});
