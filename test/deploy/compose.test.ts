import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { parse } from 'yaml';
import { z } from 'zod';
import { root } from '../../scripts/packages.mjs';
import { configFrom, documentsOf } from './environment.js';

const healthcheck = z.strictObject({
  test: z.array(z.string()),
  interval: z.string(),
  timeout: z.string(),
  start_period: z.string(),
});

/** The parts of Compose's schema that the files use; anything else is refused. */
const service = z.strictObject({
  image: z.string(),
  init: z.boolean().optional(),
  restart: z.enum(['no', 'always', 'on-failure', 'unless-stopped']),
  network_mode: z.string().optional(),
  networks: z.array(z.string()).optional(),
  ports: z.array(z.string()).optional(),
  stop_grace_period: z.string().optional(),
  environment: z.record(z.string(), z.string()).optional(),
  volumes: z.array(z.string()),
  healthcheck: healthcheck.optional(),
  read_only: z.boolean().optional(),
  cap_drop: z.array(z.string()).optional(),
  security_opt: z.array(z.string()).optional(),
});

const composeFile = z.strictObject({
  services: z.record(z.string(), service),
  volumes: z.record(z.string(), z.strictObject({})).optional(),
});

function servicesOf(name: string) {
  const [document] = documentsOf(name);
  return composeFile.parse(document).services;
}

test('the member of each host accepts its settings', () => {
  const { environment = {} } = servicesOf('compose.one-host.yml')['conclave'] ?? {};
  for (const name of ['host1', 'host2', 'host3']) {
    const filled = Object.entries(environment).map(([key, value]) => [
      key,
      value.replaceAll(/\$\{NAME[^}]*\}/g, name),
    ]);
    const config = configFrom(Object.fromEntries(filled));
    assert.equal(config.initialCluster.length, 3);
    assert.equal(config.initialAdvertisePeerUrl, `http://${name}:7001`);
    assert.deepEqual(config.advertiseClientUrls, [`http://${name}:4001`]);
  }
});

test('Prometheus scrapes the members of the Compose file that it is added to', () => {
  const compose = parse(readFileSync(join(root, 'docker-compose.yml'), 'utf8'), { merge: true });
  const { prometheus } = servicesOf('compose.monitored.yml');
  assert.deepEqual(prometheus?.networks, ['clients']);
  const [config] = documentsOf('prometheus.yml');
  const targets = JSON.stringify(config);
  for (const name of Object.keys(compose.services))
    assert.match(targets, new RegExp(`"${name}:4001"`));
  for (const volume of prometheus?.volumes ?? []) {
    const [path = ''] = volume.split(':');
    readFileSync(join(root, path));
  }
});
