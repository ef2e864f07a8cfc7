import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { networkOf } from '../../src/service/failure-limit.js';

describe('failures count together', () => {
  for (const [one, other] of [
    ['10.0.0.1', '10.0.0.1'],
    ['10.0.0.1', '::ffff:10.0.0.1'],
    ['10.0.0.1', '::ffff:a00:1'],
    ['10.0.0.1', '0:0:0:0:0:FFFF:10.0.0.1'],
    ['2001:db8::1', '2001:db8::2'],
    ['2001:db8::1', '2001:db8::5:6:7:8'],
    ['2001:db8::1', '2001:db8:0:0:1:2:3:4'],
    ['2001:db8::1', '2001:0DB8:0000::0'],
    ['2001:db8:1:2::1', '2001:db8:1:2:3::1'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::'],
    ['2001:db8:1::5:6:7:8', '2001:db8:1:0:5::'],
    ['64:ff9b::10.0.0.1', '64:ff9b::10.0.0.2'],
    ['::1', '::2'],
    ['fe80::1%eth0', 'fe80::2:3%eth0'],
  ] as const) {
    test(`from ${one} and ${other}`, () => assert.equal(networkOf(one), networkOf(other)));
  }
});

describe('failures do not count together', () => {
  for (const [one, other] of [
    ['10.0.0.1', '10.0.0.2'],
    ['::ffff:10.0.0.1', '::ffff:10.0.0.2'],
    ['::ffff:10.0.0.1', '::ffff:11.0.0.1'],
    ['::1', '::ffff:0.0.0.1'],
    ['2001:db8::1', '2001:db8:0:1::1'],
    ['2001:db8::1', '2001:db9::1'],
    ['2001:db8::1:2:3:4:5', '2001:db8::2:2:3:4:5'],
    ['::1:0:0:0:0:1', '::2:0:0:0:0:1'],
    ['fe80::1%eth0', 'fe80::1%eth1'],
    ['10.0.0.1', ''],
  ] as const) {
    test(`from ${one} and ${other}`, () => assert.notEqual(networkOf(one), networkOf(other)));
  }
});
