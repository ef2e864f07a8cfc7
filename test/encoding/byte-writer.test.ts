import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ByteWriter, encodedBytes } from '../../src/encoding/byte-writer.js';
import { readBytes, readText, wireReader } from '../../src/encoding/wire.js';

test('texts of every length and alphabet come back, from a writer of any capacity', () => {
  const letters = ['a', 'é', '日', '😀'];
  for (const capacity of [1, 7, 256]) {
    const texts = letters.flatMap((letter) =>
      [0, 1, 20, 41, 42, 43, 127, 128, 1000].flatMap((length) => [
        letter.repeat(length),
        `${'x'.repeat(length)}${letter}`,
      ]),
    );
    const writer = new ByteWriter(capacity);
    for (const text of texts) writer.string(text);
    const reader = wireReader(writer.takeCopy());
    for (const text of texts) assert.equal(readText(reader), text);
    assert.equal(reader.pos, reader.len);
  }
});

test('integers are varints: seven bits a byte, the lowest first', () => {
  for (const [value, ...bytes] of [
    [0, 0],
    [127, 127],
    [128, 0x80, 1],
    [300, 0xac, 2],
    [2 ** 32 - 1, 0xff, 0xff, 0xff, 0xff, 0x0f],
  ] as const) {
    const writer = new ByteWriter(1);
    writer.uint32(value);
    assert.deepEqual([...writer.takeCopy()], bytes);
  }
});

test('bytes stand behind their length, and what is skipped is filled in later', () => {
  const writer = new ByteWriter(2);
  const start = writer.skip(4);
  writer.bytes(Buffer.from('abc'));
  writer.append(Buffer.from('de'));
  writer.uint32LEAt(start, 1 << 16);
  const written = writer.takeCopy();
  assert.deepEqual([...written.subarray(0, 4)], [0, 0, 1, 0]);
  const reader = wireReader(written.subarray(4));
  assert.equal(readBytes(reader).toString(), 'abc');
  assert.equal(written.subarray(8).toString(), 'de');
});

test('what was taken is not changed by what is written next', () => {
  const writer = new ByteWriter(8);
  writer.string('first');
  const taken = writer.take(8);
  writer.string('other');
  assert.equal(readText(wireReader(taken)), 'first');
  assert.equal(readText(wireReader(writer.takeCopy())), 'other');
});

test('encoded bytes are exact, also of one inside another, and after one that fails', () => {
  const text = (value: string) => encodedBytes((writer) => writer.string(value));
  const outer = encodedBytes((writer) => {
    writer.string('before');
    writer.append(text('inside'));
    writer.string('after');
  });
  const reader = wireReader(outer);
  assert.deepEqual(
    [readText(reader), readText(reader), readText(reader)],
    ['before', 'inside', 'after'],
  );
  assert.throws(() =>
    encodedBytes((writer) => {
      writer.string('half');
      throw new Error('no record');
    }),
  );
  const first = text('x'.repeat(100_000));
  const second = text('y');
  assert.deepEqual([first.length, [...second]], [100_003, [1, 'y'.charCodeAt(0)]]);
});

test('a large value is copied once, and takes the memory of one', (t) => {
  const value = Buffer.alloc(1024 * 1024, 'x');
  const allocUnsafe = t.mock.method(Buffer, 'allocUnsafe');
  const bytes = encodedBytes((writer) => {
    writer.string('before');
    writer.bytes(value);
    writer.string('behind');
  });
  const allocated = allocUnsafe.mock.calls.map((call) => call.arguments[0] ?? 0);
  const total = allocated.reduce((sum, size) => sum + size, 0);
  assert.ok(total < 1.05 * value.length, `${total} bytes were allocated`);
  assert.ok(bytes.buffer.byteLength < 1.05 * value.length);
  const reader = wireReader(bytes);
  assert.equal(readText(reader), 'before');
  assert.ok(readBytes(reader).equals(value));
  assert.equal(readText(reader), 'behind');
});
