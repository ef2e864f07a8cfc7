import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { freePorts } from '../../scripts/cluster/free-ports.mjs';
import { LocalCluster } from '../../scripts/cluster/local-cluster.mjs';
import { asBuilt } from './real-cluster.js';
import { until } from './until.js';

/**
 * A member by itself, which both this machine and another host can reach, the latter by `gateway`.
 * Tells its port. It ends with the test.
 */
export async function startReachableMember(context: TestContext, gateway: string): Promise<number> {
  const dataDir = mkdtempSync(join(tmpdir(), 'conclave-test-'));
  const [clientPort = 0, peerPort = 0] = await freePorts(2);
  const listened = ['127.0.0.1', gateway].map((address) => `http://${address}:${clientPort}`);
  const cluster = new LocalCluster({
    clientPorts: [clientPort],
    peerPorts: [peerPort],
    dataDir,
    command: asBuilt,
    flags: ['--listen-client-urls', listened.join(',')],
    log: (line: string) => console.error(line),
  });
  context.after(async () => {
    await cluster.stop();
    rmSync(dataDir, { recursive: true, force: true });
  });
  await cluster.start();
  const serves = async () => {
    const health = await fetch(`http://127.0.0.1:${clientPort}/health`).catch(() => undefined);
    return health?.status === 200;
  };
  await until(serves, 'the member serves', 30_000);
  return clientPort;
}
