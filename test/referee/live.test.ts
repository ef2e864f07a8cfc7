import { test } from 'node:test';
import { installedEtcd } from './etcd.js';
import { ask } from './exchange.js';
import { LiveMatch } from './live-match.js';
import { runLive } from './live-run.js';

const skip =
  installedEtcd() === undefined ? 'etcd is not installed: apt-get install etcd-server' : false;

test('etcd and three members of ours say the same, while leaders go and keys expire', {
  skip,
}, async (context) => {
  await using match = await LiveMatch.start();
  const firstSeed = 1_000 + Math.floor(Math.random() * 1_000_000);
  await runLive(match, { firstSeed, seeds: 2, operationsPerSeed: 250, onSeed: () => undefined });
  await match.play({ name: 'expiry', play: playExpiry });
  context.diagnostic(`${match.asked} questions, from seed ${firstSeed}`);

  async function playExpiry(): Promise<void> {
    const { headers } = await match.ask(ask('PUT', '/v2/keys/second', 'value=1&ttl=2'));
    const first = Number(headers.find(([name]) => name === 'X-Etcd-Index')?.[1]);
    await match.ask(ask('PUT', '/v2/keys/first', 'value=1&ttl=1'));
    await match.ask(ask('PUT', '/v2/keys/dir?dir=true&ttl=1'));
    await match.ask(ask('PUT', '/v2/keys/dir/inside', 'value=1&ttl=100'));
    await match.pause(3_500);
    await match.ask(ask('GET', '/v2/keys?recursive=true&sorted=true'));
    for (const index of [4, 5, 6]) {
      const past = `wait=true&recursive=true&waitIndex=${first + index}`;
      await match.ask(ask('GET', `/v2/keys?${past}`));
    }
  }
});
