import assert from 'node:assert/strict';
import { copyFileSync, rmSync, writeFileSync } from 'node:fs';
import { after, test } from 'node:test';
import { LiveCredentials } from '../../src/tls/live-credentials.js';
import { Authority, type Issued, pemOf } from '../support/certificates.js';
import { LogRecorder } from '../support/log-recorder.js';

const authority = new Authority();
after(() => authority[Symbol.dispose]());
const first = authority.issue();
const second = authority.issue();
const dayMs = 86_400_000;

/** A member's files, which others are copied over. */
class Rig {
  replaced = 0;
  readonly logger: LogRecorder;
  readonly live: LiveCredentials;
  readonly files: Issued;

  private constructor(files: Issued, live: LiveCredentials, logger: LogRecorder) {
    this.files = files;
    this.live = live;
    this.logger = logger;
    live.onReplaced(() => {
      this.replaced += 1;
    });
  }

  static async open(name: string, clock: { now: number } = { now: Date.now() }): Promise<Rig> {
    const files = {
      certFile: authority.path(`${name}.crt`),
      keyFile: authority.path(`${name}.key`),
    };
    copyFileSync(first.certFile, files.certFile);
    copyFileSync(first.keyFile, files.keyFile);
    const logger = new LogRecorder();
    const opened = await LiveCredentials.open({
      files: { ...files, trustedCaFile: undefined, minVersion: 'TLSv1.2', flagPrefix: '' },
      wallNow: () => clock.now,
      logger,
    });
    assert(opened.ok);
    return new Rig(files, opened.value, logger);
  }

  put({ certFile, keyFile }: Partial<Issued>): void {
    if (certFile !== undefined) copyFileSync(certFile, this.files.certFile);
    if (keyFile !== undefined) copyFileSync(keyFile, this.files.keyFile);
  }

  shows(issued: Issued): boolean {
    return this.live.contextOptions.cert === pemOf(issued).cert;
  }

  said(): readonly string[] {
    return this.logger.take().filter((line) => !/expires soon/.test(line));
  }
}

test('new files are used when two looks have found the same', async () => {
  const rig = await Rig.open('same');
  await rig.live.look();
  rig.put(second);
  await rig.live.look();
  assert.deepEqual([rig.shows(first), rig.replaced], [true, 0]);
  await rig.live.look();
  assert.deepEqual([rig.shows(second), rig.replaced], [true, 1]);
  assert.deepEqual(rig.said(), ['info certificates read again']);
  await rig.live.look();
  await rig.live.look();
  assert.deepEqual([rig.replaced, rig.said()], [1, []]);
});

test('a certificate whose key comes a moment later is no fault', async () => {
  const rig = await Rig.open('later');
  rig.put({ certFile: second.certFile });
  await rig.live.look();
  rig.put({ keyFile: second.keyFile });
  await rig.live.look();
  await rig.live.look();
  assert.deepEqual([rig.shows(second), rig.said()], [true, ['info certificates read again']]);
});

test('broken files are refused, told once, and the old ones go on', async () => {
  const rig = await Rig.open('broken');
  rig.put({ certFile: second.certFile });
  for (let look = 0; look < 5; look += 1) await rig.live.look();
  assert.deepEqual([rig.shows(first), rig.replaced], [true, 0]);
  const told = rig.logger.takeLines().filter(({ level }) => level === 'error');
  assert.equal(told.length, 1);
  assert.match(String(told[0]?.fields['reason']), /is not the key of the certificate in/);
  rig.put(first);
  await rig.live.look();
  await rig.live.look();
  assert.deepEqual([rig.shows(first), rig.replaced, rig.said()], [true, 0, []]);
  rmSync(rig.files.keyFile);
  for (let look = 0; look < 3; look += 1) await rig.live.look();
  assert.deepEqual(rig.said(), ['error new certificates refused: the old ones go on']);
  rig.put(second);
  await rig.live.look();
  await rig.live.look();
  assert.equal(rig.shows(second), true);
});

test('whoever asks for it gets them read at once, and is told what is wrong each time', async () => {
  const rig = await Rig.open('asked');
  rig.put(second);
  await rig.live.readAgain();
  assert.deepEqual([rig.shows(second), rig.replaced], [true, 1]);
  writeFileSync(rig.files.certFile, 'half of a');
  rig.said();
  await rig.live.readAgain();
  await rig.live.readAgain();
  await rig.live.look();
  assert.deepEqual([rig.shows(second), rig.replaced], [true, 1]);
  assert.deepEqual(rig.said(), [
    'error new certificates refused: the old ones go on',
    'error new certificates refused: the old ones go on',
  ]);
});

test('a certificate that expires within 14 days is told of once a day', async () => {
  const clock = { now: Date.now() };
  const rig = await Rig.open('soon', clock);
  assert.deepEqual(rig.logger.take(), ['warn a certificate expires soon']);
  for (let hour = 0; hour < 30; hour += 1) {
    clock.now += dayMs / 24;
    await rig.live.look();
  }
  assert.deepEqual(rig.logger.take(), ['warn a certificate expires soon']);
  clock.now += dayMs;
  await rig.live.look();
  assert.deepEqual(rig.logger.take(), ['error a certificate has expired']);
  const long = authority.issue({ days: 30 });
  rig.put(long);
  clock.now = Date.now();
  await rig.live.readAgain();
  assert.deepEqual(rig.logger.take(), ['info certificates read again']);
  assert.ok(rig.live.expiresAt > Date.now() + 29 * dayMs);
  clock.now += 15 * dayMs;
  await rig.live.look();
  assert.deepEqual(rig.logger.take(), []);
  clock.now += 2 * dayMs;
  await rig.live.look();
  assert.deepEqual(rig.logger.take(), ['warn a certificate expires soon']);
});
