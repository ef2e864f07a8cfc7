import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { z } from 'zod';
import { configFrom, documentsOf } from './environment.js';

/** The parts of the schema of Kubernetes that the manifests use; anything else is refused. */
const labels = z.record(z.string().regex(/^[a-z0-9./-]+$/), z.string());
const metadata = z.strictObject({
  name: z.string().regex(/^[a-z0-9-]+$/),
  labels: labels.optional(),
});
const portName = z.string().regex(/^[a-z0-9-]{1,15}$/);
const port = z.int().min(1).max(65_535);

const service = z.strictObject({
  apiVersion: z.literal('v1'),
  kind: z.literal('Service'),
  metadata,
  spec: z.strictObject({
    clusterIP: z.literal('None').optional(),
    publishNotReadyAddresses: z.boolean().optional(),
    selector: labels,
    ports: z.array(z.strictObject({ name: portName, port })).min(1),
  }),
});

const disruptionBudget = z.strictObject({
  apiVersion: z.literal('policy/v1'),
  kind: z.literal('PodDisruptionBudget'),
  metadata,
  spec: z.strictObject({
    maxUnavailable: z.int(),
    selector: z.strictObject({ matchLabels: labels }),
  }),
});

const probe = z.strictObject({
  httpGet: z.strictObject({ path: z.string().startsWith('/'), port: z.union([port, portName]) }),
  periodSeconds: z.int().min(1),
  timeoutSeconds: z.int().min(1).optional(),
  failureThreshold: z.int().min(1).optional(),
});

const variable = z.union([
  z.strictObject({ name: z.string(), value: z.string() }),
  z.strictObject({
    name: z.string(),
    valueFrom: z.strictObject({ fieldRef: z.strictObject({ fieldPath: z.string() }) }),
  }),
]);

const quantities = z.record(z.string(), z.string().regex(/^\d+(?:m|Mi|Gi)?$/));

const container = z.strictObject({
  name: z.string(),
  image: z.string(),
  ports: z.array(z.strictObject({ name: portName, containerPort: port })),
  env: z.array(variable),
  startupProbe: probe,
  livenessProbe: probe,
  readinessProbe: probe,
  lifecycle: z.strictObject({
    preStop: z.strictObject({ exec: z.strictObject({ command: z.array(z.string()).min(1) }) }),
  }),
  resources: z.strictObject({ requests: quantities, limits: quantities }),
  securityContext: z.strictObject({
    allowPrivilegeEscalation: z.boolean(),
    readOnlyRootFilesystem: z.boolean(),
    capabilities: z.strictObject({ drop: z.array(z.string()) }),
  }),
  volumeMounts: z.array(z.strictObject({ name: z.string(), mountPath: z.string() })),
});

const podTemplate = z.strictObject({
  metadata: z.strictObject({ labels, annotations: labels }),
  spec: z.strictObject({
    affinity: z.strictObject({
      podAntiAffinity: z.strictObject({
        requiredDuringSchedulingIgnoredDuringExecution: z.array(
          z.strictObject({
            topologyKey: z.string(),
            labelSelector: z.strictObject({ matchLabels: labels }),
          }),
        ),
      }),
    }),
    terminationGracePeriodSeconds: z.int(),
    securityContext: z.strictObject({
      runAsNonRoot: z.boolean(),
      runAsUser: z.int(),
      fsGroup: z.int(),
    }),
    containers: z.array(container).length(1),
  }),
});

const statefulSet = z.strictObject({
  apiVersion: z.literal('apps/v1'),
  kind: z.literal('StatefulSet'),
  metadata,
  spec: z.strictObject({
    serviceName: z.string(),
    replicas: z.int(),
    podManagementPolicy: z.enum(['OrderedReady', 'Parallel']),
    selector: z.strictObject({ matchLabels: labels }),
    template: podTemplate,
    volumeClaimTemplates: z.array(
      z.strictObject({
        metadata,
        spec: z.strictObject({
          accessModes: z.array(z.enum(['ReadWriteOnce', 'ReadWriteOncePod'])),
          resources: z.strictObject({ requests: quantities }),
        }),
      }),
    ),
  }),
});

const kinds = z.discriminatedUnion('kind', [service, disruptionBudget, statefulSet]);
const manifests = documentsOf('kubernetes.yml').map((document) => kinds.parse(document));
const services = manifests
  .filter(({ kind }) => kind === 'Service')
  .map((one) => service.parse(one));
const set = statefulSet.parse(manifests.find(({ kind }) => kind === 'StatefulSet'));
const { template, replicas } = set.spec;
const [member] = template.spec.containers;
assert.ok(member !== undefined);

test('every selector finds the pods', () => {
  const selectors = manifests.map(({ spec }) => {
    const { selector } = spec;
    return 'matchLabels' in selector ? selector.matchLabels : selector;
  });
  for (const selector of selectors) assert.deepEqual(selector, template.metadata.labels);
});

test('members have names that are known before any of them is ready', () => {
  const headless = services.find(({ metadata: { name } }) => name === set.spec.serviceName);
  assert.equal(headless?.spec.clusterIP, 'None');
  assert.equal(headless.spec.publishNotReadyAddresses, true);
  assert.equal(set.spec.podManagementPolicy, 'Parallel');
});

test('each pod accepts its settings, and all pods are the members', () => {
  for (let ordinal = 0; ordinal < replicas; ordinal += 1) {
    const name = `${set.metadata.name}-${ordinal}`;
    const environment = Object.fromEntries(
      member.env.map((one) => [
        one.name,
        'value' in one ? one.value.replaceAll('$(CONCLAVE_NAME)', name) : name,
      ]),
    );
    const config = configFrom(environment);
    assert.equal(config.initialCluster.length, replicas);
    const host = `${name}.${set.spec.serviceName}`;
    assert.deepEqual(config.advertiseClientUrls, [`http://${host}:4001`]);
    assert.equal(config.initialAdvertisePeerUrl, `http://${host}:7001`);
    const [mount] = member.volumeMounts;
    assert.ok(config.dataDir.startsWith(`${mount?.mountPath}/`), 'its data is on the volume');
    const listened = [...config.listenClientUrls, config.listenPeerUrl].map((one) => one.port);
    const opened: number[] = member.ports.map(({ containerPort }) => containerPort);
    assert.deepEqual(opened.sort(), listened.sort());
  }
});

test('one member at a time may be away, and a majority stays', () => {
  const budgets = manifests.filter(({ kind }) => kind === 'PodDisruptionBudget');
  const [budget] = budgets.map((one) => disruptionBudget.parse(one));
  assert.equal(budget?.spec.maxUnavailable, 1);
  assert.ok(replicas - 1 > replicas / 2);
});

test('a pod is restarted when its process does not answer, and served when it has a leader', () => {
  assert.equal(member.livenessProbe.httpGet.path, '/livez');
  assert.equal(member.startupProbe.httpGet.path, '/livez');
  assert.equal(member.readinessProbe.httpGet.path, '/readyz');
});

test('a pod hands over before it ends, and has the time for it', () => {
  const [shell = '', flag, line = ''] = member.lifecycle.preStop.exec.command;
  assert.deepEqual([shell, flag], ['sh', '-c']);
  const { status, stderr } = spawnSync(shell, ['-n'], { input: line, encoding: 'utf8' });
  assert.equal(status, 0, stderr);
  assert.match(line, /conclave member transfer/);
  assert.ok(template.spec.terminationGracePeriodSeconds >= 5 + 10);
});
