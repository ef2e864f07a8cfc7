// Stands for a member in the tests of the supervisor: it tells what it was started with, and does
// as its client port is asked.
import { createServer } from 'node:http';
import { parseArgs } from 'node:util';

const { values } = parseArgs({
  args: process.argv.slice(3),
  options: {
    name: { type: 'string' },
    'data-dir': { type: 'string' },
    'listen-client-urls': { type: 'string' },
    'advertise-client-urls': { type: 'string' },
    'listen-peer-urls': { type: 'string' },
    'initial-advertise-peer-urls': { type: 'string' },
    'initial-cluster': { type: 'string' },
    'peer-forwards': { type: 'string' },
    stubborn: { type: 'boolean' },
  },
});

const server = createServer((request, response) => {
  if (request.url === '/die') process.exit(3);
  response.end(JSON.stringify({ ...values, command: process.argv[2], pid: process.pid }));
});
server.listen(Number(new URL(values['listen-client-urls'] ?? '').port), '127.0.0.1');
process.on('SIGTERM', () => process.exit(0));
console.log(`${values.name} starts`);
