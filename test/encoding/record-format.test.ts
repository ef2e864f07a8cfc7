import assert from 'node:assert/strict';
import test from 'node:test';
import { encodedBytes } from '../../src/encoding/byte-writer.js';
import { field, fieldSince } from '../../src/encoding/field.js';
import { MalformedError, NewerFormatError } from '../../src/encoding/format-error.js';
import { flag, list, oneOf, optional, required, text, uint } from '../../src/encoding/kinds.js';
import { type RecordFormat, recordFormat, taggedFormat } from '../../src/encoding/record-format.js';
import { decodeWhole } from '../../src/encoding/wire.js';

const none: readonly string[] = Object.freeze([]);

const first = recordFormat('a parcel', {
  to: field(1, required(text)),
  weight: field(2, uint),
  notes: field(4, list(text, none)),
});

/** The same record in a later release. */
const later = recordFormat('a parcel', {
  to: field(1, required(text)),
  weight: field(2, uint),
  notes: field(4, list(text, none)),
  insured: fieldSince(2, 5, flag),
  insuredFor: fieldSince(3, 6, optional(uint)),
});

function bytesOf<T extends object>(format: RecordFormat<T>, record: NoInfer<T>): Uint8Array {
  return encodedBytes((writer) => format.write(writer, record));
}

function read<T extends object>(format: RecordFormat<T>, bytes: Uint8Array): T {
  return decodeWhole(bytes, format.read);
}

test('a record comes back as it was written', () => {
  const parcel = { to: 'Ada', weight: 2 ** 53 - 1, notes: ['fragile', ''] };
  assert.deepEqual(read(first, bytesOf(first, parcel)), parcel);
});

test('a field that is blank takes no byte', () => {
  const bytes = bytesOf(first, { to: 'A', weight: 0, notes: [] });
  assert.deepEqual([...bytes], [1, 1, 'A'.charCodeAt(0), 0]);
});

test('a record of an earlier release reads with the new fields blank', () => {
  const bytes = bytesOf(first, { to: 'Ada', weight: 7, notes: [] });
  assert.deepEqual(read(later, bytes), {
    to: 'Ada',
    weight: 7,
    notes: [],
    insured: false,
    insuredFor: undefined,
  });
});

test('a record that uses no new field reads in the earlier release', () => {
  const parcel = { to: 'Ada', weight: 7, notes: [], insured: false };
  assert.equal(later.versionOf(parcel), 1);
  assert.deepEqual(read(first, bytesOf(later, parcel)), { to: 'Ada', weight: 7, notes: [] });
});

test('a record that uses a new field says which version it takes, and is refused before that', () => {
  const insured = { to: 'Ada', weight: 7, notes: [], insured: true };
  assert.equal(later.versionOf(insured), 2);
  assert.equal(later.versionOf({ ...insured, insuredFor: 0 }), 3);
  assert.throws(() => read(first, bytesOf(later, insured)), {
    name: 'NewerFormatError',
    message: 'a parcel has a field 5 that this release does not know: upgrade it',
  });
});

test('a record without a field that must be there is malformed', () => {
  assert.throws(() => read(first, new Uint8Array([2, 0, 7, 0])), /a parcel has no to/);
});

test('fields that come twice or out of order are malformed', () => {
  const twice = new Uint8Array([1, 1, 65, 1, 1, 66, 0]);
  assert.throws(() => read(first, twice), /fields of a parcel are out of order/);
  const backwards = new Uint8Array([2, 0, 7, 1, 1, 65, 0]);
  assert.throws(() => read(first, backwards), MalformedError);
});

test('a record that is cut anywhere is refused', () => {
  const bytes = bytesOf(first, { to: 'Ada', weight: 7, notes: ['x'] });
  for (let length = 0; length < bytes.length; length += 1) {
    assert.throws(() => read(first, bytes.subarray(0, length)), MalformedError);
  }
});

test('a value of a list of words is its position, and an unknown one is refused', () => {
  const format = recordFormat('a light', { colour: field(1, oneOf(['red', 'green'])) });
  assert.deepEqual([...bytesOf(format, { colour: 'red' })], [0]);
  assert.deepEqual(read(format, bytesOf(format, { colour: 'green' })), { colour: 'green' });
  assert.throws(() => read(format, new Uint8Array([1, 2, 0])), MalformedError);
});

test('values that do not go together are neither written nor read', () => {
  const spec = { low: field(1, uint), high: field(2, uint) };
  const range = taggedFormat('range', spec, ({ low, high }) => {
    if (low > high) throw new MalformedError('a range ends before it begins');
  });
  assert.throws(() => bytesOf(range, { type: 'range', low: 2, high: 1 }), MalformedError);
  const unchecked = bytesOf(taggedFormat('range', spec), { type: 'range', low: 2, high: 1 });
  assert.throws(() => read(range, unchecked), /a range ends before it begins/);
});

test('what has no format of this release is not taken for malformed', () => {
  const error = NewerFormatError.version('a parcel', 2, 1);
  assert.equal(error instanceof MalformedError, false);
  assert.match(error.message, /a parcel has format 2; this release knows formats up to 1/);
});
