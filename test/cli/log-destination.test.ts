import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import { LogDestination, type LogSink } from '../../src/cli/log-destination.js';

/** A sink that takes what it is given when the test says so. */
class HeldSink implements LogSink {
  readonly written: string[] = [];
  readonly last: string[] = [];
  #held: { readonly text: string; readonly done: (error?: Error | null) => void } | undefined;

  write(text: string, done: (error?: Error | null) => void): void {
    assert.equal(this.#held, undefined, 'one call at a time');
    this.#held = { text, done };
  }

  writeLast(text: string): void {
    this.last.push(text);
  }

  get isHeld(): boolean {
    return this.#held !== undefined;
  }

  take(): void {
    this.#end((text) => {
      this.written.push(text);
      return undefined;
    });
  }

  fail(): void {
    this.#end(() => new Error('ENOSPC'));
  }

  #end(outcome: (text: string) => Error | undefined): void {
    const held = this.#held;
    assert.ok(held !== undefined);
    this.#held = undefined;
    held.done(outcome(held.text));
  }
}

class Rig {
  readonly sink = new HeldSink();
  readonly destination = new LogDestination(this.sink, (lines) =>
    this.destination.write(`${lines} lost\n`),
  );

  constructor(t: TestContext) {
    t.mock.timers.enable({ apis: ['setTimeout'] });
  }

  log(...lines: readonly string[]): void {
    for (const line of lines) this.destination.write(`${line}\n`);
  }
}

describe('a log that is written', () => {
  test('has all lines in their order, one write at a time', (t: TestContext) => {
    const { sink, ...rig } = new Rig(t);
    for (const line of ['1', '2', '3']) rig.destination.write(line);
    sink.take();
    sink.take();
    assert.deepEqual([sink.written, sink.isHeld], [['1', '23'], false]);
  });

  test('is flushed when its last line is', async (t: TestContext) => {
    const rig = new Rig(t);
    assert.equal(await rig.destination.flushed(1000), true);
    rig.log('a', 'b');
    const flushed = rig.destination.flushed(1000);
    rig.sink.take();
    rig.sink.take();
    assert.equal(await flushed, true);
  });

  test('hands over what still waits when the process ends', (t: TestContext) => {
    const rig = new Rig(t);
    rig.log('a', 'b', 'c');
    rig.destination.writeLast();
    assert.deepEqual(rig.sink.last, ['b\nc\n']);
  });
});

describe('a log that cannot be written', () => {
  test('loses and counts its lines, and tells how many when it can be', (t: TestContext) => {
    const rig = new Rig(t);
    rig.log('a', 'b', 'c');
    rig.sink.fail();
    rig.log('d');
    assert.equal(rig.sink.isHeld, false);
    t.mock.timers.tick(1000);
    rig.log('e');
    rig.sink.take();
    rig.sink.take();
    assert.deepEqual(rig.sink.written, ['4 lost\n', 'e\n']);
  });

  test('tries again once a second, and forgets no lost line meanwhile', (t: TestContext) => {
    const rig = new Rig(t);
    rig.log('a');
    rig.sink.fail();
    for (let second = 0; second < 5; second += 1) {
      t.mock.timers.tick(1000);
      rig.log('more');
      rig.sink.fail();
    }
    t.mock.timers.tick(1000);
    rig.sink.take();
    assert.deepEqual(rig.sink.written, ['6 lost\n']);
    t.mock.timers.tick(10_000);
    assert.equal(rig.sink.isHeld, false);
  });

  test('keeps nobody waiting', async (t: TestContext) => {
    const rig = new Rig(t);
    rig.log('a', 'b');
    rig.sink.fail();
    assert.equal(await rig.destination.flushed(1000), true);
  });
});

describe('a log whose reader stopped', () => {
  test('keeps a mebibyte of lines, and tells how many it lost after them', (t: TestContext) => {
    const rig = new Rig(t);
    const line = 'x'.repeat(1023);
    for (let count = 0; count < 2000; count += 1) rig.log(line);
    for (let count = 0; count < 2; count += 1) rig.sink.take();
    const notice = `${2000 - 1 - 1024} lost\n`;
    assert.equal(rig.sink.written[1], `${line}\n`.repeat(1024) + notice);
  });

  test('is waited for at its end no longer than the limit', async (t: TestContext) => {
    const rig = new Rig(t);
    rig.log('a');
    const flushed = rig.destination.flushed(500);
    t.mock.timers.tick(500);
    assert.equal(await flushed, false);
  });
});
