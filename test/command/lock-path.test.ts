import assert from 'node:assert/strict';
import test from 'node:test';
import {
  inOrderKey,
  isLockName,
  isReservedPath,
  lockDirectory,
} from '../../src/command/lock-path.js';

test('an in-order key has twenty digits', () => {
  assert.equal(inOrderKey(7), '00000000000000000007');
  assert.equal(inOrderKey(2 ** 53 - 1), '00009007199254740991');
});

test('locks and elections of one name have directories of their own', () => {
  assert.equal(lockDirectory('lock', 'a/b'), '/_etcd/mod/lock/a/b');
  assert.equal(lockDirectory('leader', 'a/b'), '/_etcd/mod/leader/a/b');
});

test('a name that could be mistaken for a queue entry or a path is no name', () => {
  const names = ['a', 'a/b', '_a', '...', '1', '1'.repeat(19), '1'.repeat(21), 'é 🙂'];
  for (const name of names) assert.ok(isLockName(name), name);
  const others = [
    '',
    '/',
    '/a',
    'a/',
    'a//b',
    '.',
    'a/..',
    '1'.repeat(20),
    `a/${'0'.repeat(20)}/b`,
  ];
  for (const name of others) assert.ok(!isLockName(name), name);
});

test('what is a lock’s or above all locks is reserved, and nothing else', () => {
  const reserved = [
    '/_etcd',
    '/_etcd/mod',
    '/_etcd/mod/lock',
    '/_etcd/mod/lock/a',
    '/_etcd/mod/leader',
    '/_etcd/mod/leader/a/b',
  ];
  for (const path of reserved) assert.ok(isReservedPath(path), path);
  const free = ['/', '/a', '/_etcdx', '/_etcd/x', '/_etcd/mod/locks', '/_etcd/mod/dashboard'];
  for (const path of free) assert.ok(!isReservedPath(path), path);
});
