import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/**
 * A server of Node alone, which sends the head of an answer and no more, and tells what it weighs
 * when it is asked.
 */
setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;
const waiting = new Set<ServerResponse>();
const server = createServer((_message, response) => {
  waiting.add(response);
  response.on('close', () => waiting.delete(response));
  response.flushHeaders();
});
server.listen(0, '127.0.0.1', () => {
  process.send?.({ port: (server.address() as AddressInfo).port });
});
process.on('message', () => {
  for (let count = 0; count < 3; count += 1) collect();
  const { heapUsed, rss } = process.memoryUsage();
  process.send?.({ heapUsed, rss, waiting: waiting.size });
});
process.on('disconnect', () => process.exit());
