import assert from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, constants, mkdtempSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { freePorts } from '../../scripts/cluster/free-ports.mjs';
import { smallDisk } from '../support/small-disk.js';
import { asBuilt } from './real-cluster.js';
import { until } from './until.js';

/** A member alone, whose stdout is the given descriptor. */
class LoggingMember implements AsyncDisposable {
  readonly #directory = mkdtempSync(join(tmpdir(), 'conclave-test-'));
  readonly #process: ChildProcess;
  readonly #port: number;

  /** @param nodeFlags further ones for Node itself. */
  static async start(stdout: number, nodeFlags: readonly string[] = []): Promise<LoggingMember> {
    const ports = await freePorts(2);
    const member = new LoggingMember(stdout, nodeFlags, ports);
    try {
      await until(async () => (await member.status('GET', '/health')) === 200, 'it serves');
      return member;
    } catch (error) {
      await member[Symbol.asyncDispose]();
      throw error;
    }
  }

  private constructor(
    stdout: number,
    nodeFlags: readonly string[],
    [clientPort = 0, peerPort = 0]: readonly number[],
  ) {
    const [command = '', ...args] = asBuilt;
    this.#port = clientPort;
    const flags = [
      ...['--data-dir', join(this.#directory, 'data'), '--log-level', 'debug'],
      ...['--listen-client-urls', `http://127.0.0.1:${clientPort}`],
      ...['--listen-peer-urls', `http://127.0.0.1:${peerPort}`],
    ];
    const stdio = ['ignore', stdout, 'ignore'] as const;
    this.#process = spawn(command, [...nodeFlags, ...args, 'server', ...flags], {
      stdio: [...stdio],
    });
  }

  /** Undefined when nobody answers. */
  async status(method: string, path: string): Promise<number | undefined> {
    try {
      const url = `http://127.0.0.1:${this.#port}${path}`;
      return (await fetch(url, { method, signal: AbortSignal.timeout(5000) })).status;
    } catch {
      return undefined;
    }
  }

  /** At SIGTERM. Undefined when it does not end. */
  async exitCode(): Promise<number | undefined> {
    const ended = once(this.#process, 'exit', { signal: AbortSignal.timeout(5000) });
    this.#process.kill('SIGTERM');
    try {
      const [code] = await ended;
      return code;
    } catch {
      return undefined;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#process.exitCode === null && this.#process.signalCode === null) {
      const ended = once(this.#process, 'exit');
      this.#process.kill('SIGKILL');
      await ended;
    }
    rmSync(this.#directory, { recursive: true, force: true });
  }
}

async function servesAndEnds(member: LoggingMember): Promise<void> {
  assert.equal(await member.status('PUT', '/v2/keys/a?value=1'), 201);
  assert.equal(await member.exitCode(), 0);
}

/** A named pipe with nothing in it, and nobody who reads from it. */
function newPipe(directory: string): { readonly path: string; readonly descriptor: number } {
  const path = join(directory, 'pipe');
  assert.equal(spawnSync('mkfifo', [path]).status, 0);
  const descriptor = openSync(path, constants.O_RDWR | constants.O_NONBLOCK);
  return { path, descriptor };
}

function fill(descriptor: number): void {
  const line = Buffer.alloc(4096, '.');
  try {
    for (;;) writeSync(descriptor, line);
  } catch (error) {
    assert.match(String(error), /EAGAIN/);
  }
}

function drain(descriptor: number): string {
  const bytes = Buffer.alloc(1024 * 1024);
  try {
    return bytes.toString('latin1', 0, readSync(descriptor, bytes));
  } catch (error) {
    assert.match(String(error), /EAGAIN/);
    return '';
  }
}

describe('a member serves, and ends at SIGTERM,', () => {
  test('while every write of its log fails', async () => {
    const full = openSync('/dev/full', 'w');
    await using member = await LoggingMember.start(full);
    closeSync(full);
    await servesAndEnds(member);
  });

  test('while nobody reads its log', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'conclave-test-'));
    const { path, descriptor } = newPipe(directory);
    fill(descriptor);
    const blocking = openSync(path, 'r+');
    try {
      await using member = await LoggingMember.start(blocking);
      await servesAndEnds(member);
    } finally {
      for (const each of [descriptor, blocking]) closeSync(each);
      rmSync(directory, { recursive: true });
    }
  });

  test('when the reader of its log has gone', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'conclave-test-'));
    const { path, descriptor } = newPipe(directory);
    const stdout = openSync(path, 'w');
    await using member = await LoggingMember.start(stdout);
    for (const each of [descriptor, stdout]) closeSync(each);
    rmSync(directory, { recursive: true });
    await servesAndEnds(member);
  });

  test('while something in its process goes on, as a look-up does that nobody answers', async () => {
    const output = openSync('/dev/null', 'w');
    const goesOn = 'data:text/javascript,setInterval(() => undefined, 60_000)';
    await using member = await LoggingMember.start(output, ['--import', goesOn]);
    closeSync(output);
    await servesAndEnds(member);
  });
});

describe('lost lines are told in the log', () => {
  test('when the disk has room again', async (t) => {
    const disk = await smallDisk(t, '64k');
    if (disk === undefined) return;
    const [path, filler] = [join(disk, 'log'), join(disk, 'filler')];
    const stdout = openSync(path, 'a');
    await assert.rejects(writeFile(filler, Buffer.alloc(1024 * 1024)), /ENOSPC/);
    await using member = await LoggingMember.start(stdout);
    closeSync(stdout);
    assert.equal(await readFile(path, 'utf8'), '');
    await rm(filler);
    await until(async () => /lost lines/.test(await readFile(path, 'utf8')), 'it is told');
    const [line = ''] = (await readFile(path, 'utf8')).split('\n');
    assert.ok(JSON.parse(line).lines >= 1);
    await servesAndEnds(member);
  });

  test('when its reader goes on', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'conclave-test-'));
    const { path, descriptor } = newPipe(directory);
    fill(descriptor);
    const blocking = openSync(path, 'r+');
    try {
      await using member = await LoggingMember.start(blocking);
      let text = '';
      await until(() => {
        text += drain(descriptor);
        return /became leader/.test(text);
      }, 'the lines that waited are there');
      await servesAndEnds(member);
    } finally {
      for (const each of [descriptor, blocking]) closeSync(each);
      rmSync(directory, { recursive: true });
    }
  });
});
