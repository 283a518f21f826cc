// SPDX-License-Identifier: Apache-2.0
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { randomBytes, randomInt } from 'node:crypto';
import { access, chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { inNetworkNamespace, pinNetworkNamespace, unpinNamespace } from '@lading/linux';
import { bridgeNetworkConfig, type Cni, createCni } from '../src/index.ts';

const run = promisify(execFile);
const busybox = '/bin/busybox';
export const realPlugins = '/usr/lib/cni';

/** Folders, a bridge's name and a subnet of their own; at the end nothing of them is left on the host. */
export interface World extends AsyncDisposable {
  readonly folder: string;
  readonly configDir: string;
  readonly cacheDir: string;
  readonly leases: string;
  readonly bridge: string;
  /** The first three numbers of the subnet's addresses. */
  readonly net: string;
  readonly cni: Cni;
  /** A folder that is searched before that of the real plugins. */
  readonly fakes: string;
  writeList(name: string, list: unknown): Promise<void>;
  /** Puts a shell script where plugins are looked for first. */
  writePlugin(name: string, script: string): Promise<void>;
  namespace(): string;
}

export async function makeWorld(): Promise<World> {
  await access(join(realPlugins, 'bridge')).catch((cause: unknown) => {
    throw new Error('these tests need the Debian package containernetworking-plugins', { cause });
  });
  const folder = await mkdtemp(join(tmpdir(), 'lading-cni-'));
  const [configDir, cacheDir, fakes] = ['net.d', 'cache', 'bin'].map((name) => join(folder, name));
  if (configDir === undefined || cacheDir === undefined || fakes === undefined) throw new Error('no folders');
  const leases = join(folder, 'leases');
  const bridge = `ldg${randomBytes(4).toString('hex')}`;
  const net = `10.87.${randomInt(1, 200)}`;
  const namespaces: string[] = [];
  await mkdir(configDir);
  await mkdir(fakes);
  const world: World = {
    folder,
    configDir,
    cacheDir,
    leases,
    bridge,
    net,
    fakes,
    cni: createCni({ configDir, cacheDir, pluginDirs: [fakes, realPlugins] }),
    async writeList(name, list) {
      await writeFile(join(configDir, `${name}.conflist`), JSON.stringify(list));
    },
    async writePlugin(name, script) {
      const path = join(fakes, name);
      await writeFile(path, `#!/bin/sh\n${script}\n`);
      await chmod(path, 0o755);
    },
    namespace() {
      const path = join(folder, `netns-${namespaces.length}`);
      pinNetworkNamespace(path);
      namespaces.push(path);
      return path;
    },
    async [Symbol.asyncDispose]() {
      // Leases, NAT rules and port mappings go with the attachments; a test may have left some.
      await world.cni.collectGarbage({ valid: [] }).catch(() => undefined);
      for (const path of namespaces) unpinNamespace(path);
      await run('ip', ['link', 'del', bridge]).catch(() => undefined);
      await deleteNatRules(bridge);
      await rm(folder, { recursive: true, force: true });
    },
  };
  const config = bridgeNetworkConfig({ name: bridge, bridge, subnet: `${net}.0/24`, dataDir: leases });
  await world.writeList('10-default', config);
  return world;
}

/** Runs busybox in a network namespace; its stdout. */
export async function inside(netns: string, ...args: string[]): Promise<string> {
  const { stdout } = await run('nsenter', [`--net=${netns}`, 'busybox', ...args]);
  return stdout;
}

/** A server in a network namespace that greets one client. */
export function serveHello(netns: string, port: number): ChildProcess {
  const args = ['nc', '-l', '-p', String(port), '-e', 'echo', 'hello'];
  return inNetworkNamespace(netns, () => spawn(busybox, args, { stdio: 'ignore' }));
}

/** Rules of the NAT table that name a text. */
export async function natRules(text: string): Promise<readonly string[]> {
  const { stdout } = await run('iptables', ['-w', '-t', 'nat', '-S']);
  return stdout.split('\n').filter((line) => line.includes(text));
}

/** The bridge plugin of Debian 12 leaves its rules when the namespace is gone before the DEL. */
async function deleteNatRules(text: string): Promise<void> {
  const rules = await natRules(text);
  const chains = new Set(rules.flatMap((rule) => /^-A (CNI-[0-9a-f]+) /.exec(rule)?.[1] ?? []));
  for (const rule of rules.filter((line) => line.startsWith('-A POSTROUTING '))) {
    // What iptables prints is quoted as a shell wants it.
    await run('sh', ['-c', `iptables -w -t nat ${rule.replace(/^-A/, '-D')}`]);
  }
  for (const chain of chains) {
    await run('iptables', ['-w', '-t', 'nat', '-F', chain]);
    await run('iptables', ['-w', '-t', 'nat', '-X', chain]);
  }
}

/** What a server says; tried again while it is not up. */
export async function greeting(host: string, port: number): Promise<string> {
  const deadline = Date.now() + 10_000;
  for (;;) {
    const socket = connect({ host, port });
    try {
      let text = '';
      for await (const chunk of socket) text += String(chunk);
      return text;
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await new Promise((resolve) => setTimeout(resolve, 20));
    } finally {
      socket.destroy();
    }
  }
}
