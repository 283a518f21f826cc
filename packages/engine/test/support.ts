// SPDX-License-Identifier: Apache-2.0
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, readlinkSync, rmdirSync } from 'node:fs';
import { chmod, copyFile, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { readMounts, unmount } from '@lading/linux';
import { createRuncRuntime } from '@lading/runtime-runc';
import { openStore, type Store } from '@lading/storage';
import { bridgeNetwork } from '../../../tools/test-support/bridge-network.ts';
import { cniNetwork, createEngine, type Engine, type EngineOptions } from '../src/index.ts';
import { addFolderAsImage } from './add-image.ts';

/** A store with a busybox image in folders of its own. */
export interface House {
  readonly root: string;
  readonly cgroupParent: string;
  readonly imageId: string;
  /** Another engine on the same folders, as another process would have it. */
  engine(options?: Partial<EngineOptions>): Promise<Engine>;
  /** What containers and pods have left behind: mounts, processes, control groups. */
  leftovers(): string[];
  /** Ends whatever is left and removes the folders. */
  close(): Promise<void>;
}

export interface HouseOptions {
  /** With a bridge of its own; gives its subnet. */
  readonly subnet?: string;
  /** Default true. */
  readonly masquerade?: boolean;
}

export async function openHouse(options: HouseOptions = {}): Promise<House> {
  needed('/bin/busybox', 'busybox-static');
  needed('/usr/sbin/runc', 'runc');
  needed('/usr/bin/conmon', 'conmon');
  const root = await mkdtemp(join(tmpdir(), 'lading-engine-'));
  const cgroupParent = `/${basename(root)}`;
  const bridge = `ldg${basename(root).slice(-6)}`;
  const roots = { graphRoot: join(root, 'graph'), runRoot: join(root, 'run') };
  const networks = join(root, 'net.d');
  const stores: Store[] = [];
  if (options.subnet !== undefined) {
    const network = { name: 'ladingtest', bridge, subnets: [options.subnet], dataDir: join(root, 'ipam') };
    await mkdir(networks);
    await writeFile(
      join(networks, '10-test.conflist'),
      bridgeNetwork({ ...network, ipMasq: options.masquerade ?? true }),
    );
  }
  const rootfs = join(root, 'image/rootfs');
  await makeRootfs(rootfs);
  const imageId = await addFolderAsImage(roots, rootfs, 'localhost/busybox:latest');
  return {
    root,
    cgroupParent,
    imageId,
    async engine(more = {}) {
      const store = await openStore(roots);
      stores.push(store);
      return createEngine({
        store,
        runtimes: {
          runc: createRuncRuntime({ root: join(root, 'run/runtime'), exitDir: join(root, 'run/exits') }),
        },
        cgroupParent,
        ...(options.subnet !== undefined && {
          network: cniNetwork({ configDir: networks, cacheDir: join(root, 'run/cni') }),
        }),
        ...more,
      });
    },
    leftovers: () => [
      ...readMounts()
        .filter(({ target }) => target.startsWith(`${root}/`) && !target.endsWith('/graph/overlay'))
        .map(({ target }) => `mount ${target}`),
      ...processesOf(root).map((pid) => `process ${pid}`),
      ...cgroupsOf(cgroupParent).map((path) => `cgroup ${path}`),
    ],
    async close() {
      for (const pid of processesOf(root)) kill(pid);
      for (const pid of cgroupsOf(cgroupParent).flatMap(pidsOf)) kill(pid);
      for (const store of stores) await store.close();
      for (const { target } of readMounts().toReversed()) {
        if (target.startsWith(`${root}/`)) unmount(target, { lazy: true });
      }
      await until(() => processesOf(root).length === 0);
      for (const path of cgroupsOf(cgroupParent).toReversed()) rmdirSync(path);
      for (const path of parentsOf(cgroupParent)) rmdirSync(path);
      if (options.subnet !== undefined && existsSync(`/sys/class/net/${bridge}`)) {
        execFileSync('/sbin/ip', ['link', 'delete', bridge]);
      }
      await rm(root, { recursive: true, force: true });
    },
  };
}

export async function removeAllContainers({ containers }: Engine): Promise<void> {
  for (const { id } of await containers.list({ all: true })) await containers.remove(id, { force: true });
}

/** Waits for something that another process does. */
export async function until(
  condition: () => boolean | Promise<boolean>,
  deadlineMs: number = 15_000,
): Promise<void> {
  const end = Date.now() + deadlineMs;
  while (!(await condition())) {
    if (Date.now() > end) throw new Error(`not within ${deadlineMs} ms: ${condition.toString()}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

async function makeRootfs(rootfs: string): Promise<void> {
  for (const name of ['bin', 'etc', 'tmp', 'srv']) await mkdir(join(rootfs, name), { recursive: true });
  await copyFile('/bin/busybox', join(rootfs, 'bin/busybox'));
  await chmod(join(rootfs, 'bin/busybox'), 0o755);
  const applets = 'sh true cat sleep id echo ls ip ping hostname grep seq nc wget mkdir test';
  for (const name of applets.split(' ')) await symlink('busybox', join(rootfs, 'bin', name));
  await writeFile(
    join(rootfs, 'etc/passwd'),
    'root:x:0:0:root:/root:/bin/sh\nweb:x:33:34:web:/srv:/bin/sh\n',
  );
  await writeFile(join(rootfs, 'etc/group'), 'root:x:0:\nweb:x:34:\nlog:x:40:web\n');
}

function processesOf(root: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .map(Number)
    .filter((pid) => {
      try {
        const words = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
        return (
          (words.includes('conmon') && words.includes(root)) ||
          readlinkSync(`/proc/${pid}/root`).startsWith(root)
        );
      } catch {
        // It ended meanwhile.
        return false;
      }
    });
}

const hierarchies = (): string[] => [
  '/sys/fs/cgroup',
  ...readdirSync('/sys/fs/cgroup').map((name) => join('/sys/fs/cgroup', name)),
];

function parentsOf(cgroupParent: string): string[] {
  const seen = new Map<string, string>();
  for (const top of hierarchies()) {
    const path = join(top, cgroupParent);
    // cpu and cpuacct may be two names of one hierarchy.
    if (existsSync(join(path, 'cgroup.procs')))
      seen.set(execFileSync('stat', ['-c', '%d:%i', path]).toString(), path);
  }
  return [...seen.values()];
}

function cgroupsOf(cgroupParent: string): string[] {
  return parentsOf(cgroupParent).flatMap((path) =>
    readdirSync(path, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => join(path, entry.name)),
  );
}

function pidsOf(cgroup: string): number[] {
  return readFileSync(join(cgroup, 'cgroup.procs'), 'utf8').split('\n').filter(Boolean).map(Number);
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}

function needed(path: string, debianPackage: string): void {
  if (!existsSync(path)) throw new Error(`${path} is missing: apt-get install ${debianPackage}`);
}
