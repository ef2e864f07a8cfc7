import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { codeColumnsMax, docColumnsMax, wrapComments, wrapMarkdown } from './wrap.js';

const prose = 'These are the words of a sentence that goes on for as long as it takes to be wide.';
const wide = `${prose} ${prose}`;

describe('comments are wrapped', () => {
  const cases: readonly (readonly [claim: string, text: string])[] = [
    ['on a line of their own', `  // ${wide}`],
    ['on several lines', `// ${wide}\n// ${prose}`],
    ['of documentation on one line', `  /** ${wide} */`],
    ['of documentation on several lines', `/**\n * ${wide}\n *\n * ${prose}\n */`],
    ['with a tag', `/**\n * @param {string} text ${wide}\n */`],
    ['with list items', `/**\n * - ${wide}\n * - ${prose}\n */`],
  ];
  for (const [claim, text] of cases) {
    test(claim, () => {
      const wrapped = wrapComments(text);
      assert.ok(
        wrapped.split('\n').every((line) => line.length <= codeColumnsMax),
        wrapped,
      );
      assert.deepEqual(wordsOf(wrapped), wordsOf(text));
      assert.equal(wrapComments(wrapped), wrapped);
    });
  }

  test('within their indent', () => {
    const wrapped = wrapComments(`  // ${wide}\n  work();`);
    assert.ok(wrapped.split('\n').every((line) => line.startsWith('  ')));
  });

  test('but not what looks like a comment in a string', () => {
    const text = `const text = \`\n// ${wide}\n\`;`;
    assert.equal(wrapComments(text), text);
  });

  test('but not paragraphs that are narrow', () => {
    const text = '// One.\n// Two.\n/**\n * One.\n * Two.\n */';
    assert.equal(wrapComments(text), text);
  });
});

describe('Markdown is wrapped', () => {
  test('in paragraphs and list items', () => {
    const text = `# ${wide}\n\n${wide}\n\n- ${wide}\n- ${wide}\n`;
    const lines = wrapMarkdown(text).split('\n');
    assert.ok(lines.slice(1).every((line) => line.length <= docColumnsMax));
    assert.equal(lines[0], `# ${wide}`);
    assert.deepEqual(lines.filter((line) => line.startsWith('  ')).length, 2);
  });

  test('but not in tables, code and diagrams', () => {
    const text = `| ${wide} |\n\n\`\`\`sh\n${wide}\n\`\`\`\n\n    ${wide}\n`;
    assert.equal(wrapMarkdown(text), text);
  });

  test('and not within a code span', () => {
    const span = '`npm run simulate -- --seeds 100`';
    for (let length = 60; length < 120; length += 1) {
      const text = `${'x'.repeat(length)} ${span} ${wide}`;
      assert.ok(wrapMarkdown(text).includes(span));
    }
  });
});

/** The words of a comment, without its marks. */
function wordsOf(comment: string): readonly string[] {
  return comment.split(/\s+/).filter((word) => !['', '//', '/**', '*', '*/'].includes(word));
}
