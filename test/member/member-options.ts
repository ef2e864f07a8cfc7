import assert from 'node:assert/strict';
import { releaseFormats } from '../../src/encoding/format-range.js';
import { defaultLimits, type MemberOptions } from '../../src/member/options.js';
import type { Transport } from '../../src/transport/transport.js';
import type { MemoryDisk } from '../support/memory-disk.js';
import { completeAtOnce, type MemorySchedule } from '../support/memory-queue.js';
import { MemoryStorage } from '../support/memory-storage.js';
import { self } from './members.js';

export function openStorage(
  disk: MemoryDisk,
  schedule: MemorySchedule = completeAtOnce,
): MemoryStorage {
  return MemoryStorage.open({
    disk,
    clusterId: 'c'.repeat(16),
    memberId: self,
    names: undefined,
    schedule,
  });
}

export function unused(): never {
  return assert.fail('no part of this test');
}

/** A network that a test replaces as far as it needs one. */
export const unusedTransport: Transport = {
  start: unused,
  send: unused,
  forward: unused,
  respond: unused,
  sendSnapshot: unused,
  contacts: unused,
  traffic: unused,
  close: unused,
};

export const silentLogger = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

/**
 * Options of a member that is alone in its cluster, with all that a test does not care about filled
 * in.
 */
export function memberOptions(
  given: Pick<MemberOptions, 'storage' | 'clock'> & Partial<MemberOptions>,
): MemberOptions {
  return {
    name: 'one',
    initialConfiguration: { voters: [self], learners: [] },
    peerUrls: [],
    clientUrls: [],
    version: '0',
    formats: releaseFormats,
    transport: unusedTransport,
    diskBytes: () => undefined,
    defer: unused,
    random: () => 0,
    logger: silentLogger,
    limits: defaultLimits,
    onFatal: unused,
    ...given,
  };
}
