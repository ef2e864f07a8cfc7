import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { quote } from '../../src/http/quote.js';

test('any quoted text parses back to itself', () => {
  const units = fc.string({ unit: 'binary', maxLength: 50 });
  const ascii = fc.string({ unit: 'binary-ascii', maxLength: 50 });
  fc.assert(
    fc.property(fc.oneof(units, ascii), (text) => {
      const quoted = quote(text);
      assert.equal(JSON.parse(quoted), text);
      assert.doesNotMatch(quoted, /[<>&\u2028\u2029\n]/);
    }),
  );
});

test('each ASCII character is quoted as etcd does it', () => {
  for (let unit = 0; unit < 128; unit += 1) {
    const text = `a${String.fromCharCode(unit)}`;
    const isNumbered = '<>&\b\f'.includes(text.slice(1));
    const numbered = `"a\\u00${unit.toString(16).padStart(2, '0')}"`;
    assert.equal(quote(text), isNumbered ? numbered : JSON.stringify(text));
    assert.equal(quote(`\\${text}`), `"\\\\${quote(text).slice(1)}`);
  }
});

test('a long text is quoted as its parts are', () => {
  const units = fc.string({ unit: 'binary', minLength: 1, maxLength: 50 });
  const markup = fc.constantFrom(
    '<',
    '>&',
    '\b\\f\\\\b\f',
    '\u2028',
    '\u2029',
    '\u00a8',
    '\u2018',
    'ä',
    '\u{1f600}',
  );
  fc.assert(
    fc.property(fc.oneof(units, markup), fc.integer({ min: 10, max: 50 }), (part, times) => {
      const quoted = quote(`${part}-`.repeat(times * 100));
      assert.equal(
        quoted,
        `"${quote(`${part}-`)
          .slice(1, -1)
          .repeat(times * 100)}"`,
      );
    }),
  );
});

test('the worst text of the longest request is quoted in a moment', () => {
  const text = '<'.repeat(1_572_864);
  const before = process.cpuUsage();
  assert.equal(quote(text).length, 6 * text.length + 2);
  const { user } = process.cpuUsage(before);
  assert.ok(user < 400_000, `${user / 1000} ms; one call for each would take about a second`);
});
