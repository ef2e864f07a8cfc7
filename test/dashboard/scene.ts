import type { RealCluster } from '../cluster/real-cluster.js';
import { until } from '../cluster/until.js';

/** A cluster in which something goes on: keys, locks with queues, elections. */
export async function setScene(cluster: RealCluster): Promise<void> {
  await putKeys(cluster);
  const lock = (name: string, form: object) =>
    cluster.request('node1', 'POST', `/mod/v2/lock/${name}`, form);
  const campaign = (name: string, form: object) =>
    cluster.request('node2', 'PUT', `/mod/v2/leader/${name}`, form);
  for (const host of ['ci-1', 'ci-2', 'ci-3']) {
    await lock('deploy/production', { value: host, ttl: 3 });
    await cluster.request('node3', 'DELETE', `/mod/v2/lock/deploy/production?value=${host}`);
  }
  await lock('deploy/production', { value: 'ci-runner-7', ttl: 900 });
  await lock('reports/readers', { value: 'report-a', ttl: 120, mode: 'shared' });
  await lock('reports/readers', { value: 'report-b', ttl: 120, mode: 'shared' });
  await lock('gpu-pool', { value: 'job-118', ttl: 300, limit: 2 });
  await lock('gpu-pool', { value: 'job-121', ttl: 300, limit: 2 });
  await lock('customer/4711', { value: 'billing', ttl: 600 });
  await campaign('order_processing', { name: 'myserver1.foo.com', ttl: 600 });
  await campaign('scheduler', { name: 'cron-a', ttl: 600 });
  // These wait without a timeout, and are never answered: what they ask for is given to others.
  const wait = (method: string, path: string, form: Readonly<Record<string, string>>) =>
    fetch(cluster.url('node1', `/mod/v2/${path}`), { method, body: new URLSearchParams(form) });
  const waiting = [
    wait('POST', 'lock/deploy/production', { value: 'ci-runner-9', ttl: '90' }),
    wait('POST', 'lock/deploy/production', { value: 'hotfix-alice', ttl: '90' }),
    wait('POST', 'lock/gpu-pool', { value: 'job-130', ttl: '300', limit: '2' }),
    wait('PUT', 'leader/order_processing', { name: 'myserver2.foo.com', ttl: '60' }),
    wait('PUT', 'leader/order_processing', { name: 'myserver3.foo.com', ttl: '60' }),
  ];
  for (const request of waiting) request.catch(() => {});
  await until(async () => (await waitingFor(cluster, 'lock/deploy/production')) === 2, 'two wait');
  await until(
    async () => (await waitingFor(cluster, 'leader/order_processing')) === 2,
    'two stand',
  );
}

async function putKeys(cluster: RealCluster): Promise<void> {
  const put = (path: string, form: object) =>
    cluster.request('node1', 'PUT', `/v2/keys${path}`, form);
  const config = {
    retries: 3,
    endpoints: ['10.0.0.4:9000', '10.0.0.5:9000'],
    features: { beta: false },
  };
  await put('/services/billing/config', { value: JSON.stringify(config) });
  await put('/services/billing/replicas', { value: '3' });
  await put('/services/billing/instances/a', { value: '10.0.0.4:9000', ttl: 450 });
  await put('/services/billing/instances/b', { value: '10.0.0.5:9000', ttl: 300 });
  await put('/services/search/replicas', { value: '5' });
  await put('/flags/maintenance', { value: 'off' });
  await put('/message', { value: 'Hello world' });
}

async function waitingFor(cluster: RealCluster, path: string): Promise<number> {
  const url = cluster.url('node1', `/mod/v2/${path}`);
  const answer = await fetch(url, { headers: { Accept: 'application/json' } });
  const view: { readonly queue: readonly unknown[] } = JSON.parse(await answer.text());
  return view.queue.length;
}
