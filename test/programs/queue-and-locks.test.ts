import { test } from 'node:test';
import { patient, RealCluster } from '../cluster/real-cluster.js';
import { missing, python, pythonKombu, pythonTooz, runPython } from './program.js';

const skip = missing(python, pythonKombu, pythonTooz);

test("kombu's transport delivers each message of a queue once, and tooz's lock has one holder", {
  skip,
}, async () => {
  await using real = await RealCluster.start(patient);
  const ports = real.names.map((name) => new URL(real.url(name, '')).port);
  await runPython('kombu-queue.py', ...ports.slice(0, 1));
  await runPython('tooz-lock.py', ...ports.slice(0, 2));
});
