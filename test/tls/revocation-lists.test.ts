import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, test } from 'node:test';
import { checkLists, listsIn } from '../../src/tls/revocation-lists.js';
import { Authority } from '../support/certificates.js';

const authority = new Authority();
after(() => authority[Symbol.dispose]());
const good = readFileSync(authority.revoke('good.crl', [authority.issue()]), 'latin1');
const old = readFileSync(authority.revoke('old.crl', [], { isExpired: true }), 'latin1');
const now = Date.now();

function faultOf(pem: string, at = now): string {
  const checked = checkLists('--client-crl-file a.crl', pem, at);
  return checked.ok ? 'good' : checked.error;
}

test('lists are good until the next of the first one is due', () => {
  const checked = checkLists('', `${good}\n${good}`, now);
  assert(checked.ok);
  const hours = (checked.value - now) / 3_600_000;
  assert.ok(hours > 47 && hours <= 48, `${hours}`);
  assert.equal(listsIn(`text\n${good}\ntext\n${good}`).length, 2);
});

test('a list that is over, or has not begun, is refused with its time', () => {
  assert.match(
    faultOf(`${good}${old}`),
    /^--client-crl-file a\.crl has a list that expired at 20\d\d-[-\dT:]+Z$/,
  );
  const tomorrow = faultOf(good, now - 86_400_000);
  assert.match(tomorrow, /^--client-crl-file a\.crl has a list that is not valid before 20/);
});

test('what is no list, or a damaged one, is refused', () => {
  assert.equal(
    faultOf('certificate'),
    '--client-crl-file a.crl is not PEM: it has no "-----BEGIN X509 CRL-----"',
  );
  const [head, ...lines] = good.trim().split('\n');
  const damaged = [head, ...lines.slice(3)].join('\n');
  assert.equal(faultOf(damaged), '--client-crl-file a.crl has a list that cannot be read');
  const empty = '-----BEGIN X509 CRL-----\n-----END X509 CRL-----';
  assert.equal(faultOf(empty), '--client-crl-file a.crl has a list that cannot be read');
});
