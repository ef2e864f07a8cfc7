import assert from 'node:assert/strict';
import { test } from 'node:test';
import { field, fieldSince } from '../../src/encoding/field.js';
import { flag, list, required, text } from '../../src/encoding/kinds.js';
import { type RecordOf, recordFormat, taggedFormat } from '../../src/encoding/record-format.js';
import { decodeVersioned, encodeVersioned, requireVersion } from '../../src/encoding/versioned.js';

const to = field(1, required(text));
const insured = fieldSince(2, 2, flag);
const parcel = recordFormat('a parcel', { to, insured });
const none: readonly RecordOf<typeof parcel>[] = Object.freeze([]);
const later = taggedFormat('load', {
  heavy: field(1, required(parcel)),
  rest: field(2, list(parcel, none)),
});
const plain = recordFormat('a parcel', { to });
const first = taggedFormat('load', { heavy: field(1, required(plain)) });

const old = { to: 'Ada', insured: false };
const newer = { to: 'Ada', insured: true };
const loads = {
  nested: { type: 'load', heavy: newer, rest: [] },
  listed: { type: 'load', heavy: old, rest: [old, newer] },
} as const;

test('a record needs the version of the records in its fields and lists', () => {
  assert.equal(later.newest, 2);
  assert.equal(later.versionOf({ type: 'load', heavy: old, rest: [old] }), 1);
  for (const load of Object.values(loads)) assert.equal(later.versionOf(load), 2);
});

test('a record is refused below the version that it needs, and not at it', () => {
  for (const load of Object.values(loads)) {
    const message = 'a load needs format 2, but only 1 may be written';
    const refused = { name: 'MalformedError', message };
    assert.throws(() => requireVersion(later, load, 'a load', 1), refused);
    assert.equal(requireVersion(later, load, 'a load', 2), 2);
  }
});

test('an old record reads with the later field blank', () => {
  const bytes = encodeVersioned(first, { type: 'load', heavy: { to: 'Ada' } }, 'a load', 1);
  const read = decodeVersioned(later, bytes, 'a load', 2);
  assert.deepEqual(read, { type: 'load', heavy: old, rest: [] });
});

test('a frame with a later field is not written for a peer of format 1', () => {
  for (const load of Object.values(loads)) {
    assert.throws(
      () => encodeVersioned(later, load, 'a frame', 1),
      /a frame of type load needs format 2, but its reader understands up to 1/,
    );
    const bytes = encodeVersioned(later, load, 'a frame', 2);
    assert.deepEqual(decodeVersioned(later, bytes, 'a frame', 2), load);
  }
});
