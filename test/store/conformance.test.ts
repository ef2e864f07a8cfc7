import assert from 'node:assert/strict';
import test from 'node:test';
import type { StateView } from '../../src/member/state-view.js';
import { StateMachine } from '../../src/store/state-machine.js';

test('the state machine is what its readers want to see', () => {
  // The assignment is the claim: it compiles only while every member of the view fits.
  const view: StateView = new StateMachine();
  assert.equal(view.etcdIndex, 0);
});
