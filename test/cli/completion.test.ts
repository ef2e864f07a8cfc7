import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { Shell } from '../../src/cli/completion.js';
import { helpTexts } from '../docs/cli-page.js';
import { ended, start } from './recorded-command.js';

/**
 * With these, `offers` calls the function as the shell would, and prints what it offers for the
 * last word.
 */
const harnesses: Readonly<Record<Shell, string>> = {
  bash: `compopt() { echo "compopt $*"; }
source "$1"
complete -p conclave
offers() {
  COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
  _conclave
  printf '%s\\n' "\${COMPREPLY[@]}"
}`,
  zsh: `autoload -Uz compinit
compinit -D
source "$1"
print "complete -F $_comps[conclave] conclave"
_describe() { print -rl -- \${(M)\${choices%%:*}:#$words[CURRENT]*} }
_files() { print compopt -o default }
_normal() { print -r "command $words[CURRENT]" }
offers() {
  words=("$@") CURRENT=$#
  _conclave
}`,
};

const shellsAfter: Readonly<Record<string, readonly string[]>> = {
  'conclave completion': ['bash', 'zsh'],
};

for (const shell of ['bash', 'zsh'] as const) {
  const isMissing = spawnSync(shell, ['-c', 'exit 0']).error !== undefined;
  const skip = isMissing ? `${shell} is not installed: apt-get install ${shell}` : false;

  describe(`completion in ${shell}`, { skip }, () => {
    let folder: string;
    let script: string;
    before(async () => {
      folder = mkdtempSync(join(tmpdir(), 'conclave-completion-'));
      script = join(folder, 'script');
      const { code, stdout, stderr } = await ended(start(['completion', shell]));
      assert.deepEqual([code, stderr], [0, '']);
      writeFileSync(script, stdout);
    });
    after(() => rmSync(folder, { recursive: true, force: true }));

    /** For the last word of each line. All are asked of one process: a start takes its time. */
    const offersFor = (lines: readonly (readonly string[])[]): readonly (readonly string[])[] => {
      const plain = shell === 'bash' ? ['--norc'] : ['-f'];
      const calls = lines.map((words) => {
        const quoted = ['conclave', ...words].map((word) => `'${word}'`).join(' ');
        return `(offers ${quoted})\necho end of offers`;
      });
      const text = [harnesses[shell], ...calls].join('\n');
      const args = [...plain, '-c', text, shell, script];
      const { stdout, stderr } = spawnSync(shell, args, { encoding: 'utf8', env: {} });
      assert.equal(stderr, '');
      const loaded = 'complete -F _conclave conclave\n';
      assert.ok(stdout.startsWith(loaded), stdout);
      const answers = stdout.slice(loaded.length).split('end of offers\n').slice(0, -1);
      assert.equal(answers.length, lines.length);
      return answers.map((answer) =>
        answer
          .trimEnd()
          .split('\n')
          .filter((line) => line !== ''),
      );
    };
    const offered = (...words: readonly string[]): readonly string[] => offersFor([words])[0] ?? [];

    test('offers every option and command that the help names, and no other', () => {
      const helps = [...helpTexts()];
      const paths = helps.map(([path]) => path);
      const offers = offersFor(paths.map((path) => [...path.split(' ').slice(1), '']));
      for (const [at, [path, text]] of helps.entries()) {
        const options = [...text.matchAll(/^ {2}(?:-h, )?(--[a-z0-9-]+)/gm)].map(
          ([, word]) => word,
        );
        const below = paths.filter((other) => isBelow(other, path));
        const commands = below.map((other) => other.slice(path.length + 1));
        const expected = [...options, ...commands, ...(shellsAfter[path] ?? [])];
        assert.deepEqual(offers[at]?.toSorted(), expected.toSorted(), path);
      }
    });

    test('offers what begins like the word', () => {
      assert.deepEqual(offered('lo').toSorted(), ['lock', 'locks']);
      assert.deepEqual(offered('lock', 'jobs', '--on-').toSorted(), ['--on-acquire', '--on-lost']);
      assert.deepEqual(offered('locks', 'rel'), ['release']);
      assert.deepEqual(offered('completion', 'z'), ['zsh']);
    });

    test('offers nothing for a value that only the user knows, and files for a path', () => {
      assert.deepEqual(offered('lock', 'jobs', '--ttl', ''), []);
      assert.deepEqual(offered('server', '--config-file', ''), ['compopt -o default']);
    });

    test('completes the command after -- as the shell does', () => {
      const words = offered('lock', 'jobs', '--', 'tru');
      assert.ok(words.includes(shell === 'bash' ? 'true' : 'command tru'), words.join());
      const [first, ...rest] = offered('lock', 'jobs', '--', 'cat', '');
      assert.deepEqual([first, rest], [shell === 'bash' ? 'compopt -o default' : 'command', []]);
    });
  });
}

function isBelow(path: string, above: string): boolean {
  return path.startsWith(`${above} `) && !path.slice(above.length + 1).includes(' ');
}

test('completion of another shell is refused, and the known ones are named', async () => {
  const { code, stderr } = await ended(start(['completion', 'fish']));
  assert.equal(code, 2);
  assert.match(stderr, /^conclave: .*Allowed choices are bash, zsh\.\n$/);
});
