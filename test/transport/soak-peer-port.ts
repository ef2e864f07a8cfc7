import { readArguments } from '../../scripts/arguments.mjs';
import { LiveCredentials } from '../../src/tls/live-credentials.js';
import { PeerSecurity } from '../../src/tls/peer-security.js';
import { Random } from '../simulation/random.js';
import { Authority, type Issued, pemOf } from '../support/certificates.js';
import { GrpcRig, silent } from './grpc-rig.js';
import { attackPeerPort } from './peer-port-attack.js';
import { startPair } from './rig.js';
import { bob } from './samples.js';

const usage = `npm run soak:peers -- [--count N] [--seed S] [--tls]
  --count N  how many broken connections strangers open to a peer port (default 100000)
  --seed S   what they send (default 1)
  --tls      the members speak TLS, and some strangers have a certificate of their authority`;

/** What a heap may be larger by, after so many connections; the rest of it comes and goes. */
const growthMax = 32 * 2 ** 20;

process.exitCode = await main();

async function main(): Promise<number> {
  const text = { type: 'string' } as const;
  const tls = { type: 'boolean' } as const;
  const { values } = readArguments({ options: { count: text, seed: text, tls } });
  const [count, seed] = [Number(values.count ?? 100_000), Number(values.seed ?? 1)];
  if (!Number.isSafeInteger(count) || count < 1 || !Number.isSafeInteger(seed)) {
    console.error(usage);
    return 2;
  }
  using authority = values.tls === true ? new Authority() : undefined;
  const shown = authority && pemOf(strangerOf(authority));
  const secure = authority && (await securityOf(authority));
  await using rig = await GrpcRig.create({}, () => secure);
  const [one, other] = await startPair(rig);
  const port = rig.ports.get(bob) ?? 0;
  const random = new Random(seed, 'peer port');
  await attackPeerPort(port, bob, Math.ceil(count / 10), random, shown);
  const before = heapBytes();
  await attackPeerPort(port, bob, count, random, shown);
  const growth = heapBytes() - before;
  const lost = [...one.heard.lost, ...other.heard.lost].length;
  const heard = other.heard.requests.length + other.heard.messages.length;
  console.log(
    `${count} connections: ${lost} peers lost, ${heard} messages heard, ${(growth / 2 ** 20).toFixed(1)} MB more`,
  );
  return lost === 0 && heard === 0 && growth < growthMax ? 0 : 1;
}

function strangerOf(authority: Authority): Issued {
  return authority.issue({ commonName: 'carol', names: ['DNS:carol.example'] });
}

/** Both members show the same certificate, which names both of their hosts. */
async function securityOf(authority: Authority): Promise<PeerSecurity> {
  const files = { ...authority.issue(), trustedCaFile: authority.caFile } as const;
  const opened = await LiveCredentials.open({
    files: { ...files, minVersion: 'TLSv1.2', flagPrefix: 'peer-' },
    ...{ wallNow: Date.now, logger: silent },
  });
  if (!opened.ok) throw new Error(opened.error);
  const names = { allowedCommonName: undefined, allowedHostname: undefined };
  return new PeerSecurity(opened.value, names);
}

function heapBytes(): number {
  globalThis.gc?.();
  globalThis.gc?.();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
