import { memberId } from '../../src/ids.js';
import { GrpcTransport } from '../../src/transport/grpc-transport.js';
import { helloOf, incomingConnectionsMax, silent } from './grpc-rig.js';
import { Recorder } from './recorder.js';

/**
 * A member's transport in a process of its own: `peer-process.ts MEMBER PORT PEER PEER_PORT`. It
 * prints a line when it listens; a line on its input makes it close, and then nothing should keep
 * it running.
 */
const [, , member = '', port = '', peer = '', peerPort = ''] = process.argv;
const transport = new GrpcTransport({
  listen: { host: '127.0.0.1', port: Number(port) },
  hello: helloOf(memberId(member)),
  peers: new Map([[memberId(peer), { host: '127.0.0.1', port: Number(peerPort) }]]),
  incomingConnectionsMax,
  logger: silent,
});
await transport.start(new Recorder());
process.stdout.write('listens\n');
process.stdin.once('data', () => {
  process.stdin.destroy();
  transport.close().catch((error: unknown) => {
    throw error;
  });
});
