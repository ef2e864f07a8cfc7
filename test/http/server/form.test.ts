import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { isForm, mergeParameters, parseForm } from '../../../src/http/server/form.js';
import { isUnder, parseTarget, routedPath } from '../../../src/http/server/target.js';
import { ApiError } from '../../../src/service/api-error.js';

test('a form reads as URLSearchParams reads it', () => {
  const field = fc.string({ unit: 'grapheme' });
  fc.assert(
    fc.property(fc.uniqueArray(fc.tuple(field, field), { selector: ([name]) => name }), (pairs) => {
      const named = pairs.filter(([name]) => name !== '');
      const text = new URLSearchParams(named).toString();
      assert.deepEqual([...parseForm(text, 'refused')], named);
    }),
  );
});

for (const [text, cause] of [
  ['value=%zz', 'invalid URL escape "%zz"'],
  ['value=%e9', 'the URL escapes are not UTF-8'],
  ['value=50%', 'invalid URL escape "%"'],
  ['value=%4', 'invalid URL escape "%4"'],
  ['value=%é1', 'invalid URL escape "%é"'],
  ['value=%日', 'invalid URL escape "%\\xe6\\x97"'],
  ['value=%"\\', 'invalid URL escape "%\\"\\\\"'],
  ['value=%\n\x01', 'invalid URL escape "%\\n\\x01"'],
  ['a=1;b=2', 'invalid semicolon separator in query'],
  ['value=1&value=2', 'parameter given twice: "value"'],
  ['value=1&v%61lue=2', 'parameter given twice: "value"'],
] as const) {
  test(`a form is refused: ${text}`, () => {
    assert.throws(
      () => parseForm(text, 'refused'),
      (error) => error instanceof ApiError && error.cause === cause,
    );
  });
}

test('names that mean something to JavaScript are names like all others', () => {
  const fields = parseForm('__proto__=1&constructor=2&toString=3', 'refused');
  assert.deepEqual([...fields.keys()], ['__proto__', 'constructor', 'toString']);
  assert.equal(parseForm('', 'refused').get('toString'), undefined);
});

test('a field without a value is empty, and an empty pair is none', () => {
  assert.deepEqual(
    [...parseForm('&dir&value=&', 'refused')],
    [
      ['dir', ''],
      ['value', ''],
    ],
  );
});

test('of a name that comes twice the first counts, where that is the rule', () => {
  const fields = parseForm('value=1&v%61lue=2&ttl=1&value=', 'first counts');
  assert.deepEqual(
    [...fields],
    [
      ['value', '1'],
      ['ttl', '1'],
    ],
  );
});

test('the body wins over the query', () => {
  const merged = mergeParameters(
    parseForm('value=query&ttl=1', 'refused'),
    parseForm('value=body', 'refused'),
  );
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
  assert.deepEqual(parseTarget(onTheWire), {
    path: '/v2/keys/é',
    query: 'value=ü',
    isPlain: false,
  });
  assert.throws(() => parseTarget('/v2/keys/\xff'), ApiError);
});

for (const [url, path, query, isPlain] of [
  ['/v2/keys', '/v2/keys', '', true],
  ['/v2/keys/', '/v2/keys/', '', true],
  ['/v2/keys/a.b/_c?x=%20', '/v2/keys/a.b/_c', 'x=%20', true],
  ['/v2/keys/a?', '/v2/keys/a', '', true],
  ['/v2/keys/a%20b?%', '/v2/keys/a b', '%', false],
  ['/v2/keys//a', '/v2/keys//a', '', false],
  ['/v2/keys/.a', '/v2/keys/.a', '', false],
  ['/v2/keys/a#b?c', '/v2/keys/a#b', 'c', false],
  ['http://host:1/v2/keys?x', '/v2/keys', 'x', false],
  ['http://host', '', '', false],
  ['/', '/', '', false],
] as const) {
  test(`the target ${url} has the path ${path}`, () => {
    assert.deepEqual(parseTarget(url), { path, query, isPlain });
  });
}

test('only clean targets are plain', () => {
  const piece = fc.constantFrom('/', '.', '..', '%', '%2F', 'a', '?', ' ', '/v2', '#', 'é');
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 8 }), (pieces) => {
      const url = `/${pieces.join('')}`;
      const isPlain = /^[!-~]*$/.test(url) && parsesPlain(url);
      const path = url.split('?')[0] ?? '';
      if (isPlain) assert.equal(routedPath(path), path);
      if (isPlain) assert.doesNotMatch(path, /%/);
    }),
  );
});

function parsesPlain(url: string): boolean {
  try {
    return parseTarget(url).isPlain;
  } catch (error) {
    assert.ok(error instanceof ApiError);
    return false;
  }
}

for (const [path, expected] of [
  ['/v2/keys', true],
  ['/v2/keys/', true],
  ['/v2/keysx', false],
  ['/v2', false],
] as const) {
  test(`${path} is ${expected ? '' : 'not '}under /v2/keys`, () => {
    assert.equal(isUnder(path, '/v2/keys'), expected);
  });
}

for (const [contentType, fault] of [
  [';', 'no media type'],
  ['a b', 'expected slash after first token'],
  ['a/', 'expected token after slash'],
  ['a/b c', 'unexpected content after media subtype'],
  ['a/b; c', 'invalid media parameter'],
  ['a/b; c="d', 'invalid media parameter'],
  ['a/b; c=d; C=e', 'duplicate parameter name'],
] as const) {
  test(`a content type is refused: ${contentType}`, () => {
    assert.throws(
      () => isForm(contentType),
      (error) => error instanceof ApiError && error.cause === `mime: ${fault}`,
    );
  });
}

for (const contentType of [
  'application/x-www-form-urlencoded;',
  ' application/x-www-form-urlencoded ; a="b;\\"c" ;',
  'application/x-www-form-urlencoded; a=b; A=b',
]) {
  test(`a content type is a form: ${contentType}`, () => assert.ok(isForm(contentType)));
}
