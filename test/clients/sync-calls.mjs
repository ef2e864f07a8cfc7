// The synchronous calls of node-etcd turn the event loop from within, which must not be that of a
// test: usage `node sync-calls.mjs URL`. Prints what each call returned, one JSON line each.
import { createRequire } from 'node:module';

// It brings no types.
const NodeEtcd = createRequire(import.meta.url)('node-etcd');

const etcd = new NodeEtcd([process.argv[2]]);
const answers = [
  etcd.setSync('sync', '1', { ttl: 100 }),
  etcd.getSync('sync'),
  etcd.delSync('sync'),
  etcd.mkdirSync('sync'),
  etcd.rmdirSync('sync'),
  etcd.getSync('sync'),
];
for (const { err, body } of answers) {
  console.log(err === null ? `${body.action} ${body.node.key}` : `error ${err.errorCode}`);
}
