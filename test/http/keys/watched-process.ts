import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { ApiServer } from '../../support/api-server.js';

/** A member's client API in a process of its own, which tells what it weighs when it is asked. */
setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;
const server = await ApiServer.start();
process.on('message', () => {
  for (let count = 0; count < 3; count += 1) collect();
  const { heapUsed, rss } = process.memoryUsage();
  const { watchers: waiting } = server.coordinator.state.keys.statistics();
  process.send?.({ heapUsed, rss, waiting });
});
process.on('disconnect', () => process.exit());
process.send?.({ port: server.port });
