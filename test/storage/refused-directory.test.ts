import assert from 'node:assert/strict';
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { memberId } from '../../src/ids.js';
import { requireOwner } from '../../src/storage/identity.js';
import { locationError } from '../../src/storage/location-error.js';
import type { StorageErrorCode } from '../../src/storage/storage-error.js';
import { openLevel, temporaryDirectory } from './level-disk.js';
import { owner } from './samples.js';

/** An operator who gives a member that has voted an empty directory loses its votes. */
const harmful = /empty|of its own|another directory|new directory/;

async function refusal(opening: Promise<unknown>, code: StorageErrorCode): Promise<string> {
  const error: Error & { code?: string } = await opening.then(
    () => assert.fail('it was opened'),
    (reason: Error) => reason,
  );
  assert.equal(error.code, code, error.message);
  assert.doesNotMatch(error.message, /disk failed|free space/);
  return error.message;
}

async function withFile(test: TestContext): Promise<string> {
  const file = join(await temporaryDirectory(test), 'file');
  await writeFile(file, '');
  return file;
}

describe('a path at which no data directory can be is refused with what to do', () => {
  it('a file', async (test) => {
    const file = await withFile(test);
    const says = await refusal(openLevel(file), 'location');
    assert.ok(says.startsWith(`${file} cannot be used: it, or a part of its path, is a file;`));
  });

  it('a path below a file', async (test) => {
    const says = await refusal(openLevel(join(await withFile(test), 'a/b')), 'location');
    assert.match(says, /a part of its path, is a file; --data-dir must name a directory$/);
  });

  it('a link to nowhere', async (test) => {
    const link = join(await temporaryDirectory(test), 'link');
    await symlink('nowhere', link);
    assert.match(await refusal(openLevel(link), 'location'), /its name is taken, and not by a dir/);
  });

  it('links in a circle', async (test) => {
    const link = join(await temporaryDirectory(test), 'link');
    await symlink('link', link);
    assert.match(await refusal(openLevel(link), 'location'), /its symbolic links lead in a circle/);
  });

  it('a name that is too long', async (test) => {
    const path = join(await temporaryDirectory(test), 'x'.repeat(300));
    assert.match(await refusal(openLevel(path), 'location'), /its name is too long/);
  });

  it('a file system that has no room for names of others', async () => {
    const says = await refusal(openLevel('/proc/conclave/data'), 'location');
    assert.equal(
      says,
      'no directory can be made at /proc/conclave: --data-dir must name one on a disk',
    );
  });

  it('a place where this process may not write', async () => {
    const says = await refusal(openLevel('/sys/conclave'), 'location');
    assert.match(
      says,
      /^\/sys\/conclave cannot be used: (?:this process may not use it; make its|its file system is mounted read-only)/,
    );
  });
});

describe('a path that this process may not use', () => {
  for (const code of ['EACCES', 'EPERM']) {
    it(`is told from a disk that fails: ${code}`, () => {
      const failed = Object.assign(new Error(`${code}: open '/data/db'`), {
        code,
        path: '/data/db',
      });
      assert.match(
        locationError(failed)?.message ?? '',
        /^\/data\/db cannot be used: this process may not use it; make its user the owner/,
      );
    });
  }

  for (const code of ['EIO', 'ENOSPC', 'EMFILE', 'ENOENT']) {
    it(`is none of its kind: ${code}`, () => {
      const failed = Object.assign(new Error(`${code}: open '/data/db'`), {
        code,
        path: '/data/db',
      });
      assert.equal(locationError(failed), undefined);
    });
  }
});

describe('a directory of somebody else', () => {
  const other = {
    clusterId: 'd4'.repeat(8),
    memberId: memberId('e5'.repeat(8)),
    names: { own: 'n9', all: ['n1', 'n9'] },
  };
  const ids = /\b[0-9a-f]{16}\b/;
  const refused = (found: Partial<typeof owner>): string => {
    try {
      requireOwner({ ...owner, incarnation: '00'.repeat(16), ...found }, owner, 'data');
    } catch (error) {
      assert.ok(error instanceof Error);
      return error.message;
    }
    return assert.fail('nothing was refused');
  };

  it('the same member in a cluster of other members: --initial-cluster must be as it was', () => {
    const names = { own: 'n1', all: ['n1', 'n2', 'n4'] };
    const says = refused({ clusterId: other.clusterId, names });
    assert.match(says, /^data is this member's own \(n1\), .*names other members than/);
    assert.match(says, /\(n1, n2, n4 then, n1, n2, n3 now\)/);
    assert.doesNotMatch(says, ids);
    assert.match(says, /name the same members again/);
    assert.doesNotMatch(says, harmful);
  });

  it('another member of the same cluster: --name or --data-dir is wrong', () => {
    const says = refused({
      memberId: other.memberId,
      names: { own: 'n2', all: owner.names?.all ?? [] },
    });
    assert.match(says, /\(n2; this is n1\)/);
    assert.doesNotMatch(says, ids);
    assert.match(says, /belongs to another member of this cluster .*either --name or --data-dir/);
    assert.doesNotMatch(says, harmful);
  });

  it('another member of another cluster: all three that a member keeps are named', () => {
    const says = refused(other);
    assert.match(
      says,
      /belongs to member n9 of another cluster \(n1, n9\), but this is member n1 of/,
    );
    assert.doesNotMatch(says, ids);
    assert.match(says, /keeps its --name, its --initial-cluster-token and its --data-dir/);
    assert.doesNotMatch(says, harmful);
  });

  it('the same names with another token: the token is named', () => {
    const { clusterId, memberId } = other;
    const says = refused({ clusterId, memberId });
    assert.match(
      says,
      /a cluster with the same names \(n1, n2, n3\) and another --initial-cluster-to/,
    );
    assert.match(says, /give the token with which it was made, or correct --data-dir$/);
    assert.doesNotMatch(says, ids);
    assert.doesNotMatch(says, harmful);
  });

  it('whose names are not in it, which an earlier build has made: by its ids', () => {
    const says = refused({ ...other, names: undefined });
    assert.match(says, /belongs to member e5e5e5e5e5e5e5e5 of another cluster \(cluster d4d4/);
  });

  it('which was made under these names: they are kept with it', async (test) => {
    const dataDir = await temporaryDirectory(test);
    await (await openLevel(dataDir)).close();
    await using storage = await openLevel(dataDir);
    assert.deepEqual(storage.start.identity.names, owner.names);
  });

  it('which a running process has open: the advice holds for an old member', async (test) => {
    const dataDir = await temporaryDirectory(test);
    await using storage = await openLevel(dataDir);
    assert.ok(storage);
    const says = await refusal(openLevel(dataDir), 'inUse');
    assert.match(says, /If that is this member, it runs already; if it is another one, --data-dir/);
    assert.doesNotMatch(says, harmful);
  });

  it('which holds other files: an old member is sent back to the directory that it had', async (test) => {
    const dataDir = await temporaryDirectory(test);
    await mkdir(join(dataDir, 'letters'));
    const says = await refusal(openLevel(dataDir), 'identity');
    assert.match(
      says,
      /If this member ran before, name the directory that it had; if it never did,/,
    );
  });
});
