import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ApiError } from '../../src/http/api-error.js';
import { isForm, mergeParameters, parseForm } from '../../src/http/form.js';
import { isUnder, parseTarget } from '../../src/http/target.js';

test('a form reads as URLSearchParams reads it', () => {
  const field = fc.string({ unit: 'grapheme' });
  fc.assert(
    fc.property(fc.uniqueArray(fc.tuple(field, field), { selector: ([name]) => name }), (pairs) => {
      const named = pairs.filter(([name]) => name !== '');
      const text = new URLSearchParams(named).toString();
      assert.deepEqual([...parseForm(text)], named);
    }),
  );
});

for (const [text, cause] of [
  ['value=%zz', 'invalid URL escape "%zz"'],
  ['value=%e9', 'the URL escapes are not UTF-8'],
  ['value=50%', 'invalid URL escape "%"'],
  ['value=%4', 'invalid URL escape "%4"'],
  ['a=1;b=2', 'invalid semicolon separator in query'],
  ['value=1&value=2', 'parameter given twice: "value"'],
  ['value=1&v%61lue=2', 'parameter given twice: "value"'],
] as const) {
  test(`a form is refused: ${text}`, () => {
    assert.throws(
      () => parseForm(text),
      (error) => error instanceof ApiError && error.cause === cause,
    );
  });
}

test('names that mean something to JavaScript are names like all others', () => {
  const fields = parseForm('__proto__=1&constructor=2&toString=3');
  assert.deepEqual([...fields.keys()], ['__proto__', 'constructor', 'toString']);
  assert.equal(parseForm('').get('toString'), undefined);
});

test('a field without a value is empty, and an empty pair is none', () => {
  assert.deepEqual(
    [...parseForm('&dir&value=&')],
    [
      ['dir', ''],
      ['value', ''],
    ],
  );
});

test('the body wins over the query', () => {
  const merged = mergeParameters(parseForm('value=query&ttl=1'), parseForm('value=body'));
  assert.deepEqual(
    [...merged],
    [
      ['value', 'body'],
      ['ttl', '1'],
    ],
  );
});

for (const [contentType, expected] of [
  ['application/x-www-form-urlencoded', true],
  ['Application/X-WWW-Form-Urlencoded; charset=UTF-8', true],
  ['application/json', false],
  [undefined, false],
] as const) {
  test(`${contentType} is ${expected ? 'a' : 'no'} form`, () => {
    assert.equal(isForm(contentType), expected);
  });
}

test('a target that is sent without escapes is UTF-8', () => {
  const onTheWire = Buffer.from('/v2/keys/é?value=ü').toString('latin1');
  assert.deepEqual(parseTarget(onTheWire), { path: '/v2/keys/é', query: 'value=ü' });
  assert.throws(() => parseTarget('/v2/keys/\xff'), ApiError);
});

for (const [path, expected] of [
  ['/v2/keys', true],
  ['/v2/keys/', true],
  ['/v2/keys?recursive=true', true],
  ['/v2/keysx', false],
  ['/v2', false],
] as const) {
  test(`${path} is ${expected ? '' : 'not '}under /v2/keys`, () => {
    assert.equal(isUnder(path, '/v2/keys'), expected);
  });
}
