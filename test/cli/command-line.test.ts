import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { tmpdir } from 'node:os';
import { describe, test } from 'node:test';
import { freePorts } from '../../scripts/cluster/free-ports.mjs';
import { type CommandProcess, ended, main, start } from './recorded-command.js';

function run(...args: readonly string[]) {
  return ended(start(args));
}

/** Resolves when the server runs, with what is printed from then on still to be read. */
async function runningServer(name: string): Promise<CommandProcess> {
  const child = start(['server', '--name', name]);
  await once(child.stdout, 'data');
  return child;
}

describe('wrong usage is one line on stderr and exit code 2', () => {
  const cases: readonly (readonly [readonly string[], string])[] = [
    [[], 'conclave: name a command, such as server or lock; conclave --help tells more\n'],
    [['lock'], "conclave: missing required argument 'name'\n"],
    [['lock', 'a', '--ttl', '0'], 'conclave: --ttl must be whole seconds, at least 1, not "0"\n'],
    [
      ['lock', 'a', '--kill-after', 'soon'],
      'conclave: --kill-after must be seconds, or a duration with one unit, such as 500ms, 90s, 5m, 24h or 7d, not "soon"\n',
    ],
    [
      ['lock', 'a', '--ttl', '10', '--kill-after', '5s'],
      'conclave: --kill-after must be at most a third of the TTL, 3.333s here\n',
    ],
    [
      ['lock', 'a', '--try', '--timeout', '1'],
      'conclave: --try is --timeout 0: give one of them\n',
    ],
    [
      ['lock', 'a', '--shared', '--limit', '2'],
      'conclave: --shared and --limit exclude each other\n',
    ],
    [
      ['lock', '../a'],
      'conclave: "../a" is no name: it is empty, or a part of it is "." or ".."\n',
    ],
    [
      ['lock', 'a', '--endpoints', 'localhost:4001'],
      'conclave: --endpoints must name URLs such as http://127.0.0.1:4001, not "localhost:4001"\n',
    ],
    [['lock', '--', 'make.sh'], 'conclave: name is missing: it stands before --\n'],
    [['elect', 'a', '--', 'make.sh', 'x'], 'conclave: value is missing: it stands before --\n'],
    [['elect', 'a', ''], 'conclave: VALUE must not be empty: it names the candidate\n'],
    [
      ['elect', 'a', 'me', '--on-lost', 'true'],
      'conclave: --on-acquire and --on-lost need a command, after --\n',
    ],
    [
      ['get', 'a', '--user', 'me', '--password-file', '/no/such/file'],
      'conclave: --password-file /no/such/file cannot be read: there is no such file\n',
    ],
    [
      ['member'],
      'conclave: name a command of member: list, transfer, add, remove, update, replace; conclave member --help tells more\n',
    ],
    [
      ['once', 'a', '--key', 'k', '--every', '1h', '--', 'true'],
      'conclave: --key and --every both say which run this is: give one of them\n',
    ],
    [['backup', tmpdir()], `conclave: ${tmpdir()} is a directory: name a file in it\n`],
    [['backup', '/no/such/file'], 'conclave: /no/such is no directory\n'],
    [['unlock', 'a'], 'conclave: name the place by --index or by --value\n'],
    [
      ['unlock', 'a', '--index', 'x'],
      'conclave: --index must be a whole number, at least 1, not "x"\n',
    ],
    [['sever'], "conclave: unknown command 'sever' (Did you mean server?)\n"],
    [['server', '--nam', 'x'], "conclave: unknown option '--nam' (Did you mean --name?)\n"],
    [
      ['server', 'x'],
      "conclave: too many arguments for 'server'. Expected 0 arguments but got 1.\n",
    ],
    [
      ['server', '--log-level', 'loud'],
      'conclave: --log-level must be one of debug, info, warn, error, fatal, panic, not "loud"\n',
    ],
  ];
  for (const [args, line] of cases) {
    test(`conclave ${args.join(' ')}`, async () => {
      assert.deepEqual(await run(...args), { code: 2, signal: null, stdout: '', stderr: line });
    });
  }
});

test('a flag may have one dash or two, and its value may follow "=" or a blank', async () => {
  const child = start(['server', '-name', 'n1', '-data-dir=d', '--cors=*', '--log-level', 'warn']);
  const [line]: string[] = await once(child.stdout, 'data');
  child.kill('SIGKILL');
  const { config } = JSON.parse(line ?? '');
  assert.deepEqual(
    [config.name, config.dataDir, config.corsOrigins, config.logLevel],
    ['n1', 'd', ['*'], 'warn'],
  );
});

test('--version and --help are answers, not errors', async () => {
  const [version, help] = await Promise.all([run('--version'), run('server', '--help')]);
  assert.equal(version.code, 0);
  assert.match(version.stdout, /^\d+\.\d+\.\d+\n$/);
  assert.equal(help.code, 0);
  assert.match(help.stdout, /--initial-advertise-peer-urls/);
});

describe('a server', () => {
  test('reads again at SIGHUP what was replaced, and runs on', async () => {
    const child = await runningServer('n1');
    child.kill('SIGHUP');
    const [told]: unknown[] = await once(child.stdout, 'data');
    assert.equal(told, 'reloaded\n');
    child.kill('SIGTERM');
    assert.equal((await ended(child)).code, 0);
  });

  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    test(`closes at ${signal} and exits with 0`, async () => {
      const child = await runningServer('n1');
      child.kill(signal);
      const { code, stdout } = await ended(child);
      assert.equal(code, 0);
      assert.match(stdout, /^closed$/m);
    });
  }

  test('exits at once at the second signal', async () => {
    const child = await runningServer('stuck');
    child.kill('SIGTERM');
    await once(child.stdout, 'data');
    child.kill('SIGTERM');
    assert.equal((await ended(child)).code, 143);
  });

  test('that cannot start says why in one line and exits with 1', async () => {
    const { code, stderr } = await run('server', '--name', 'busy');
    assert.equal(code, 1);
    assert.equal(stderr, 'conclave: cannot start: 127.0.0.1:4001 is already in use\n');
  });

  test('that cannot start has one line on a terminal, and its stack in a log file', async () => {
    const command = `'${process.execPath}' '${main}' server --name busy`;
    const { code, stdout } = await ended(spawn('script', ['-qec', command, '/dev/null']));
    assert.equal(code, 1);
    assert.equal(stdout, 'conclave: cannot start: 127.0.0.1:4001 is already in use\r\n');
    const { stdout: logged } = await run('server', '--name', 'busy');
    assert.match(JSON.parse(logged).err.stack, /listen EADDRINUSE/);
  });

  test('ends with 1, and the reason, when the member cannot go on', async () => {
    const { code, stderr } = await run('server', '--name', 'failed');
    assert.equal(code, 1);
    assert.equal(stderr, 'conclave: fault: the disk is full\n');
  });

  test('ends with 1 at a fault that nobody handled', async () => {
    const { code, stderr } = await run('server', '--name', 'faulty');
    assert.equal(code, 1);
    assert.equal(stderr, 'conclave: fault: broken\n');
  });
});

describe('conclave health', () => {
  const answering = async (status: number, body: string) => {
    const server = createServer(({ url }, response) => {
      if (url === '/member/health') response.end('{"health":"true"}');
      else response.writeHead(status, { Location: '/member/health' }).end(body);
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const { port } = server.address() as AddressInfo;
    const endpoint = `http://127.0.0.1:${port}`;
    const result = await run('health', '--endpoints', endpoint);
    server.close();
    return { ...result, endpoint };
  };

  test('exits with 0 when the member says that it is healthy', async () => {
    const { code, stdout, endpoint } = await answering(200, '{"health":"true"}');
    assert.deepEqual([code, stdout], [0, `${endpoint} is healthy\n`]);
  });

  test('exits with 1, and tells the answer, when it says that it is not', async () => {
    const { code, stdout, endpoint } = await answering(503, '{"health":\n"false"}');
    const line = `${endpoint} is not healthy: 503 {"health": "false"}\n`;
    assert.deepEqual([code, stdout], [1, line]);
  });

  for (const [what, status, body] of [
    ['a redirect', 301, ''],
    ['the page of a proxy', 200, '<p>Welcome!</p>'],
    ['an empty page', 200, ''],
    ['the JSON of another program', 200, '{"status":"up"}'],
  ] as const) {
    test(`exits with 1, and says that no member answers, at ${what}`, async () => {
      const { code, stdout, endpoint } = await answering(status, body);
      const why = `it answered ${status}, but not as a member does: give the address of one`;
      assert.deepEqual([code, stdout], [1, `${endpoint} is not healthy: ${why}\n`]);
    });
  }

  test('asks below the path of the endpoint, as the other commands do', async () => {
    const server = createServer(({ url }, response) =>
      response.end(url === '/conclave/health' ? '{"health":"true"}' : ''),
    );
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const { port } = server.address() as AddressInfo;
    const { code } = await run('health', '--endpoints', `http://127.0.0.1:${port}/conclave/`);
    server.close();
    assert.equal(code, 0);
  });

  test('exits with 1 when nothing listens', async () => {
    const server = createServer();
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const { port } = server.address() as AddressInfo;
    await once(server.close(), 'close');
    const { code, stdout } = await run('health', '--endpoints', `http://127.0.0.1:${port}`);
    assert.deepEqual([code, /nothing listens there/.test(stdout)], [1, true]);
  });

  test('asks each member, and exits with 1 when one cannot serve', async () => {
    const server = createServer((_, response) => response.end('{"health":"true"}'));
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const { port } = server.address() as AddressInfo;
    const [free = 0] = await freePorts(1);
    const [well, gone] = [`http://127.0.0.1:${port}`, `http://127.0.0.1:${free}`];
    const { code, stdout } = await run('health', '--endpoints', `${well},${gone}`);
    server.close();
    const lines = `${well} is healthy\n${gone} is not healthy: nothing listens there\n`;
    assert.deepEqual([code, stdout], [1, lines]);
  });

  test('exits with 1 when a server hangs up at once', async (context) => {
    const server = createTcpServer((socket) => socket.end());
    context.after(() => server.close());
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const { port } = server.address() as AddressInfo;
    const { code, stdout } = await run('health', '--endpoints', `http://127.0.0.1:${port}`);
    assert.deepEqual([code, /^http.* is not healthy: ./.test(stdout)], [1, true]);
  });
});

test('start scripts of etcd start a member', async () => {
  const cluster = 'infra1=http://127.0.0.1:12380,infra2=http://127.0.0.1:22380';
  const scripts: readonly (readonly [name: string, args: readonly string[]])[] = [
    // The Procfile of etcd 3.4.
    [
      'infra1',
      [
        ...['--name', 'infra1', '--listen-client-urls', 'http://127.0.0.1:2379'],
        ...['--advertise-client-urls', 'http://127.0.0.1:2379'],
        ...['--listen-peer-urls', 'http://127.0.0.1:12380'],
        ...['--initial-advertise-peer-urls', 'http://127.0.0.1:12380'],
        ...['--initial-cluster-token', 'etcd-cluster-1', '--initial-cluster', cluster],
        ...['--initial-cluster-state', 'new', '--enable-pprof', '--logger=zap'],
        '--log-outputs=stderr',
      ],
    ],
    // What Patroni and others that use the v2 API are told to run.
    [
      'default',
      [
        ...['-enable-v2=true', '-data-dir', 'data', '--enable-v2', '-proxy', 'off', '--debug'],
        ...['--auto-compaction-retention', '0', '--cert-file=', '--strict-reconfig-check=false'],
      ],
    ],
  ];
  for (const [name, args] of scripts) {
    const child = start(['server', ...args]);
    child.stdout.on('data', (text: string) => {
      if (text.includes('"config"')) child.kill('SIGTERM');
    });
    const { code, stdout, stderr } = await ended(child);
    assert.deepEqual([code, stderr], [0, '']);
    const lines = stdout.match(/^\{.*$/gm)?.map((line) => JSON.parse(line)) ?? [];
    assert.ok(lines.some((line) => line.config?.name === name));
    assert.ok(lines.some((line) => / has no effect: /.test(line.msg)));
  }
});

test('a flag of etcd that asks for what is missing is refused in one line', async () => {
  const stderr =
    'conclave: --cipher-suites must be left out: none is spoken that is known to be weak\n';
  const refused = { code: 2, signal: null, stdout: '', stderr };
  assert.deepEqual(await run('server', '--cipher-suites', 'any'), refused);
});

test('the help of health speaks to the one who asks', async () => {
  const { stdout } = await run('health', '--help');
  assert.match(stdout, /--endpoints <urls> +where members serve clients/);
  assert.match(stdout, /so it takes no --user/);
});
