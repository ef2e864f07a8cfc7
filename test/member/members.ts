import { memberId } from '../../src/ids.js';

/** The member under test, and those that a test plays. */
export const self = memberId('1'.repeat(16));
export const peer = memberId('2'.repeat(16));
export const otherPeer = memberId('3'.repeat(16));
