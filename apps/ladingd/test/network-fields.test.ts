// SPDX-License-Identifier: Apache-2.0
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type Input, type PodSandboxConfig, Protocol } from '@lading/cri-api';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { bridgeNetwork } from '../../../tools/test-support/bridge-network.ts';
import { fetchText, freePort } from './web.ts';
import { createWorld, type Served, type World } from './world.ts';

const run = promisify(execFile);

let world: World;
let daemon: Served;
let image: string;
let bridge: string;
beforeAll(async () => {
  world = await createWorld();
  bridge = `ldd${randomBytes(4).toString('hex')}`;
  const [prefix, net] = [randomBytes(5).toString('hex'), randomBytes(1)[0]];
  const range6 = `fd${prefix.slice(0, 2)}:${prefix.slice(2, 6)}:${prefix.slice(6)}::/64`;
  const list = bridgeNetwork({
    name: bridge,
    bridge,
    subnets: [`10.87.${net}.0/24`, range6],
    dataDir: join(world.root, 'leases'),
    cniVersion: '1.0.0',
  });
  await writeFile(join(world.root, 'net.d/20-dual.conflist'), list);
  daemon = await world.serve('--cni-default-network', bridge);
  ({ imageRef: image } = await daemon.images.pullImage({ image: { image: world.image } }));
});
afterAll(async () => {
  await world?.[Symbol.asyncDispose]();
  await run('ip', ['link', 'del', bridge]);
});
afterEach(() => world.leaveNothing());

interface Pod {
  readonly podSandboxId: string;
  readonly addresses: readonly string[];
}

async function runPod(name: string, more: Input<PodSandboxConfig> = {}): Promise<Pod> {
  const { podSandboxId } = await daemon.runtime.runPodSandbox({ config: world.pod(name, more) });
  const { status } = await daemon.runtime.podSandboxStatus({ podSandboxId });
  const { ip = '', additionalIps = [] } = status?.network ?? {};
  return { podSandboxId, addresses: [ip, ...additionalIps.map((one) => one.ip)] };
}

/** A web server on port 80 of the pod. */
async function serveWeb(podSandboxId: string): Promise<string> {
  const command = ['sh', '-c', 'echo hello >/srv/index.html && exec httpd -f -h /srv'];
  const config = { metadata: { name: 'web' }, image: { image }, command };
  const { containerId } = await daemon.runtime.createContainer({ podSandboxId, config });
  await daemon.runtime.startContainer({ containerId });
  return containerId;
}

describe('a pod of two families', () => {
  it('has an address of each, in its status and in its hosts, and answers on both', async () => {
    const { podSandboxId, addresses } = await runPod('dual');
    expect(addresses).toEqual([
      expect.stringMatching(/^10\.87\.\d+\.\d+$/),
      expect.stringMatching(/^fd[0-9a-f:]+$/),
    ]);
    const containerId = await serveWeb(podSandboxId);
    const { stdout } = await daemon.runtime.execSync({ containerId, cmd: ['cat', '/etc/hosts'] });
    for (const address of addresses) expect(Buffer.from(stdout).toString()).toContain(`${address}\tdual`);
    const [four = '', six = ''] = addresses;
    expect(await fetchText(`http://${four}/`)).toBe('hello\n');
    expect(await fetchText(`http://[${six}]/`)).toBe('hello\n');
  });
});

describe('a port of the node', () => {
  it('is on the address that was asked for, and on no other', async () => {
    const [address = ''] = Object.values(networkInterfaces())
      .flat()
      .flatMap((one) => (one?.family === 'IPv4' && !one.internal ? [one.address] : []));
    const hostPort = await freePort();
    const portMappings = [{ protocol: Protocol.TCP, containerPort: 80, hostPort, hostIp: address }];
    const { podSandboxId } = await runPod('port', { portMappings });
    await serveWeb(podSandboxId);
    expect(await fetchText(`http://${address}:${hostPort}/`)).toBe('hello\n');
    await expect(fetch(`http://127.0.0.1:${hostPort}/`)).rejects.toThrow('fetch failed');
  });

  it('can be of SCTP, beside the same number of UDP', async () => {
    const hostPort = await freePort();
    const portMappings = [Protocol.SCTP, Protocol.UDP].map((protocol) => ({
      protocol,
      containerPort: 9000,
      hostPort,
    }));
    const { podSandboxId } = await runPod('sctp', { portMappings });
    const { stdout } = await run('iptables-save', ['-t', 'nat']);
    const rules = stdout.split('\n').filter((line) => line.includes(`--dport ${hostPort} `));
    for (const protocol of ['sctp', 'udp']) {
      expect(rules.some((line) => line.includes(`-p ${protocol} `) && line.includes(':9000'))).toBe(true);
    }
    await daemon.runtime.removePodSandbox({ podSandboxId });
    expect((await run('iptables-save', ['-t', 'nat'])).stdout).not.toContain(`--dport ${hostPort} `);
  });

  it('on an address that is none is refused', async () => {
    const portMappings = [{ containerPort: 80, hostPort: 8080, hostIp: '300.1.1.1' }];
    await expect(runPod('wrong', { portMappings })).rejects.toMatchObject({
      code: 'invalid_argument',
      message: expect.stringContaining('"300.1.1.1" is not an IP address'),
    });
  });
});

it('leaves the resolv.conf of the request as it is', async () => {
  const dnsConfig = { servers: ['192.0.2.1', '2001:db8::1'], searches: ['a.example'], options: ['ndots:3'] };
  const { podSandboxId } = await runPod('names', { dnsConfig });
  const path = join(world.root, 'run/lading/pods', podSandboxId, 'resolv.conf');
  expect((await readFile(path, 'utf8')).trim().split('\n').sort()).toEqual([
    'nameserver 192.0.2.1',
    'nameserver 2001:db8::1',
    'options ndots:3',
    'search a.example',
  ]);
});
