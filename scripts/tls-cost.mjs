// What TLS costs: the CPU of the leader for each PUT on 64 kept connections, by https and by http
// in alternate rounds, in a cluster of three. Needs wrk and openssl.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { leaderPort } from './bench/leader.mjs';
import { measure } from './bench/wrk.mjs';
import { freePorts } from './cluster/free-ports.mjs';
import { LocalCluster } from './cluster/local-cluster.mjs';
import { root } from './packages.mjs';
import { cpuMs, median } from './scale/process-usage.mjs';

const rounds = Number(process.argv[2] ?? 5);
const seconds = Number(process.argv[3] ?? 8);
const scratch = mkdtempSync(join(tmpdir(), 'conclave-tls-cost-'));
const [certFile, keyFile] = [join(scratch, 'own.crt'), join(scratch, 'own.key')];
execFileSync(
  'openssl',
  [
    ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'],
    ...['-days', '2', '-subj', '/CN=localhost', '-addext', 'subjectAltName=IP:127.0.0.1'],
    ...['-keyout', keyFile, '-out', certFile],
  ],
  { stdio: 'ignore' },
);
const ports = await freePorts(9);
const [clientPorts, peerPorts, securePorts] = [
  ports.slice(0, 3),
  ports.slice(3, 6),
  ports.slice(6),
];
const cluster = new LocalCluster({
  clientPorts,
  peerPorts,
  dataDir: join(scratch, 'data'),
  command: [process.execPath, join(root, 'dist', 'main.js')],
  linkProxies: false,
  flags: ['--cert-file', certFile, '--key-file', keyFile, '--log-level', 'warn'],
  flagsOf: (name) => ['--listen-client-urls', urlsOf(cluster.names.indexOf(name))],
  log: console.error,
});
try {
  await cluster.start();
  await run();
} finally {
  await cluster.stop();
  rmSync(scratch, { recursive: true, force: true });
}

/** @param {number} position */
function urlsOf(position) {
  return `http://127.0.0.1:${clientPorts[position]},https://127.0.0.1:${securePorts[position]}`;
}

async function run() {
  const port = await leaderPort({ name: 'the cluster', clientPorts });
  const position = clientPorts.indexOf(port);
  const pid = cluster.status().nodes[position]?.pid ?? 0;
  const schemes = /** @type {const} */ (['http', 'https']);
  /** @type {Record<'http' | 'https', number[]>} */
  const cpu = { http: [], https: [] };
  for (let round = -1; round < rounds; round += 1) {
    for (const scheme of round % 2 === 0 ? schemes : schemes.toReversed()) {
      const measuring = measure({
        ports: [(scheme === 'http' ? clientPorts : securePorts)[position] ?? 0],
        scheme,
        script: 'put.lua',
        args: [`${scheme}${round}`, '64', '100'],
        ...{ connections: 64, threads: 1, seconds },
      });
      // The handshakes are not what is measured.
      await passes(1000);
      const [before, writesBefore] = [cpuMs(pid), await writesAt(port)];
      await passes(1000 * (seconds - 2));
      const writes = (await writesAt(port)) - writesBefore;
      const each = ((cpuMs(pid) - before) / writes) * 1000;
      const found = await measuring;
      // The first round warms up.
      if (round >= 0) cpu[scheme].push(each);
      const rate = `${Math.round(found.perSecond)} PUT/s, ${each.toFixed(1)} µs of CPU each`;
      console.log(`${scheme.padEnd(5)} ${rate}, ${found.failed} failed`);
    }
  }
  // Round by round, since the machine may have other things to do.
  const ratios = cpu.https.map((secure, round) => secure / (cpu.http[round] ?? 1));
  console.log(`https costs ${median(ratios).toFixed(2)} of http`);
}

/** @param {number} ms */
function passes(ms) {
  return new Promise((later) => setTimeout(later, ms));
}

/** @param {number} port */
async function writesAt(port) {
  const response = await fetch(`http://127.0.0.1:${port}/v2/stats/store`);
  return /** @type {{setsSuccess: number}} */ (await response.json()).setsSuccess;
}
