import { join, resolve } from 'node:path';
import { readArguments } from './arguments.mjs';
import { root } from './packages.mjs';

const usage = `npm start -- [OPTION …]: three members on this machine

  --client-ports A,B,C   where they serve clients (default: 4001,4002,4003)
  --peer-ports A,B,C     where they reach each other (default: 7001,7002,7003)
  --data-dir PATH        where they keep their data and their logs (default: data)`;

const { values } = readArguments({
  options: {
    'client-ports': { type: 'string', default: '4001,4002,4003' },
    'peer-ports': { type: 'string', default: '7001,7002,7003' },
    'data-dir': { type: 'string', default: join(root, 'data') },
    help: { type: 'boolean', short: 'h' },
  },
});
if (values.help === true) {
  console.log(usage);
  process.exit(0);
}

/** What `npm start` was told. Read before anything is installed or built. */
export const options = {
  clientPorts: ports(values['client-ports'], 'client-ports'),
  peerPorts: ports(values['peer-ports'], 'peer-ports'),
  dataDir: resolve(values['data-dir']),
};

/**
 * @param {string} text
 * @param {string} name
 */
function ports(text, name) {
  const numbers = text.split(',').map(Number);
  /** @param {number} port */
  const isPort = (port) => Number.isInteger(port) && port > 0 && port < 65_536;
  if (numbers.length === 3 && numbers.every(isPort)) return numbers;
  console.error(`--${name} must be three ports with commas between, not "${text}"`);
  return process.exit(2);
}
