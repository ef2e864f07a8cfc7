import { AssertionError } from '../../src/assert.js';
import { ApiServer } from '../support/api-server.js';

// A member that contradicts itself, asked for one page: it must not outlive the request.
const [path = '/'] = process.argv.slice(2);
const server = await ApiServer.start();
server.coordinator.status = () => {
  throw new AssertionError('two leaders in one term');
};
await server.ask('GET', path);
console.log('still here');
process.exit(0);
