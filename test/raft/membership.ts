import { Cluster } from './cluster.js';
import { nameOf } from './peer.js';

export function cluster(voters: readonly string[], learners: readonly string[] = []): Cluster {
  const joined = new Cluster({ voters, learners, tuning: {} });
  joined.elect(voters[0] ?? 'a');
  return joined;
}

/** The voters, the learners and the removed that the member goes by. */
export function inUse(joined: Cluster, name: string): string {
  const { voters, learners, removed = [] } = joined.peer(name).raft.configuration;
  return [voters, learners, removed].map((ids) => ids.map(nameOf).join('')).join('|');
}

export function role(joined: Cluster, name: string): string {
  return joined.peer(name).raft.softState().role;
}

export function commitIndex(joined: Cluster, name: string): number {
  return joined.peer(name).raft.softState().commitIndex;
}
