import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { anyCluster } from '../../scripts/cluster/find-cluster.mjs';

/**
 * Where scripts/chaos looks when "npm start" runs nothing: the command docker on the PATH is a
 * stub.
 */
describe('scripts/chaos looks for a cluster in containers', () => {
  const path = process.env['PATH'];
  let scratch: string;
  let folder: string;

  beforeEach(() => {
    scratch = mkdtempSync(join(tmpdir(), 'conclave-find-'));
    folder = join(scratch, 'conclave');
    mkdirSync(folder);
    mkdirSync(join(scratch, 'bin'));
    process.env['PATH'] = join(scratch, 'bin');
  });

  afterEach(() => {
    process.env['PATH'] = path;
    rmSync(scratch, { recursive: true });
  });

  const find = () => anyCluster({ folder, dataDir: join(scratch, 'data') });

  function install(command: string, script: string): void {
    const file = join(scratch, 'bin', command);
    writeFileSync(file, `#!/bin/sh\n${script}\n`);
    chmodSync(file, 0o755);
  }

  /** Knows no `docker compose`, as Debian's; what it shows was started by docker-compose 1.29. */
  function installDocker(containers: readonly object[]): void {
    const ids = containers.map((_, at) => `id${at}`).join(' ');
    install(
      'docker',
      `case "$1" in
        ps) for id in ${ids}; do echo $id; done ;;
        inspect) echo '${JSON.stringify(containers)}' ;;
        *) echo "docker: '$1' is not a docker command." >&2; exit 1 ;;
      esac`,
    );
    install('docker-compose', 'echo "docker-compose is not to be asked" >&2; exit 1');
  }

  function container(name: string, from: string, project = 'conclave'): object {
    return {
      Id: `id-${name}`,
      Config: {
        Labels: {
          'com.docker.compose.service': name,
          'com.docker.compose.project': project,
          'com.docker.compose.project.working_dir': from,
          'com.docker.compose.version': '1.29.2',
        },
      },
      State: { Status: 'exited', Running: false, Pid: 0 },
      NetworkSettings: { Networks: {} },
    };
  }

  const namesOf = async () => (await (await find()).status()).nodes.map(({ name }) => name);

  test('knows them by their labels, whichever compose has started them', async () => {
    installDocker([container('node2', folder), container('node1', folder)]);
    assert.deepEqual(await namesOf(), ['node1', 'node2']);
  });

  test('knows them when compose was started through a symbolic link', async () => {
    symlinkSync(folder, join(scratch, 'link'));
    installDocker([container('node1', join(scratch, 'link'))]);
    assert.deepEqual(await namesOf(), ['node1']);
  });

  test('takes no containers of another folder, though that is gone', async () => {
    installDocker([container('web', join(scratch, 'gone')), container('db', scratch)]);
    await assert.rejects(find(), {
      message:
        'No cluster runs here: start one with "npm start", "docker compose up" or "docker-compose up"',
    });
  });

  test('says that there are none when docker shows none', async () => {
    installDocker([]);
    await assert.rejects(find(), /^Error: No cluster runs here: start one with/);
  });

  test('refuses to guess between two projects of the folder', async () => {
    installDocker([container('node1', folder, 'one'), container('node1', folder, 'two')]);
    await assert.rejects(find(), /can't be asked for one: this folder has the projects one, two/);
  });

  test('says so when docker is not installed', async () => {
    await assert.rejects(find(), {
      message:
        '"npm start" runs no cluster here, and Docker can\'t be asked for one: the command "docker" is not installed',
    });
  });

  test('says what docker says when it cannot be asked', async () => {
    install('docker', 'echo "Cannot connect to the Docker daemon at unix:///x." >&2; exit 1');
    await assert.rejects(find(), {
      message:
        '"npm start" runs no cluster here, and Docker can\'t be asked for one: Cannot connect to the Docker daemon at unix:///x.',
    });
  });
});
