import { createHash } from 'node:crypto';
import { keysPerFolder } from './bulk-writers.js';
import type { RealCluster } from './real-cluster.js';

const readLimitMs = 60_000;

interface Node {
  readonly key: string;
  readonly value: string;
}

/**
 * All keys of a member with their values and indexes, and the index of the state: by itself,
 * without the others.
 */
export async function digestOf(real: RealCluster, name: string, keys: number): Promise<string> {
  const hash = createHash('sha256');
  for (const folder of foldersOf(keys)) {
    const answer = await read(real, name, folder);
    hash.update(`${answer.headers.get('X-Etcd-Index')}\n`);
    for await (const chunk of answer.body ?? []) hash.update(chunk);
  }
  return hash.digest('hex');
}

/** The version of every key that a member holds. */
export async function versionsAt(
  real: RealCluster,
  name: string,
  keys: number,
): Promise<ReadonlyMap<string, number>> {
  const versions = new Map<string, number>();
  for (const folder of foldersOf(keys)) {
    const { node } = JSON.parse(await (await read(real, name, folder)).text());
    for (const { key, value } of node.nodes as readonly Node[]) {
      versions.set(key, Number(value.slice(0, value.indexOf('.'))));
    }
  }
  return versions;
}

function foldersOf(keys: number): readonly number[] {
  return Array.from({ length: Math.ceil(keys / keysPerFolder) }, (_, folder) => folder);
}

async function read(real: RealCluster, name: string, folder: number): Promise<Response> {
  const url = real.url(name, `/v2/keys/bulk/${folder}?quorum=false&sorted=true`);
  const answer = await fetch(url, { signal: AbortSignal.timeout(readLimitMs) });
  if (answer.status !== 200) throw new Error(`${name} answers ${answer.status} to ${url}`);
  return answer;
}
