// SPDX-License-Identifier: Apache-2.0
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { until } from './until.ts';
import { createWorld, type Served, type World } from './world.ts';

const main = fileURLToPath(new URL('../src/main.ts', import.meta.url));

let world: World;
let daemon: Served;
let file: string;
beforeAll(async () => {
  world = await createWorld();
  file = join(world.root, 'ladingd.conf');
  await writeFile(file, '[crio.runtime]\ndefault_env = ["FROM=config"]\npids_limit = 50\n');
  daemon = await world.serve();
});
afterAll(() => world?.[Symbol.asyncDispose]());
afterEach(() => world.leaveNothing());

/** Runs ladingd with these words to its end. */
function ladingd(...words: readonly string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const args = ['--conditions=@lading/source', '--disable-warning=ExperimentalWarning', main, ...words];
  return new Promise((resolve) => {
    execFile(process.execPath, args, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr });
    });
  });
}

describe('the configuration', () => {
  it('holds for all containers, and is changed by SIGHUP as far as that can be', async () => {
    const { runtime, images } = daemon;
    const { imageRef: image } = await images.pullImage({ image: { image: world.image } });
    const { podSandboxId } = await runtime.runPodSandbox({ config: world.pod('pod') });
    const envOf = async (name: string): Promise<string> => {
      const config = { metadata: { name }, image: { image } };
      const { containerId } = await runtime.createContainer({ podSandboxId, config });
      await runtime.startContainer({ containerId });
      const cmd = ['sh', '-c', 'echo $FROM'];
      return Buffer.from((await runtime.execSync({ containerId, cmd })).stdout).toString();
    };
    const isPinned = async (): Promise<boolean | undefined> =>
      (await images.imageStatus({ image: { image } })).image?.pinned;
    expect(await envOf('before')).toBe('config\n');
    expect(await isPinned()).toBe(false);
    const changed = '[crio.runtime]\ndefault_env = ["FROM=reload"]\nconmon = "/other"\n';
    await writeFile(file, `${changed}[crio.image]\npinned_images = ["*demo*"]\n`);
    daemon.reload();
    await until(() =>
      daemon.stderr().includes('configuration reloaded; these need a new start: crio.runtime.conmon'),
    );
    expect(await envOf('after')).toBe('reload\n');
    expect(await isPinned()).toBe(true);
  });

  it('has each call told, or only some of them', async () => {
    await writeFile(
      file,
      '[crio.runtime]\nlog_level = "debug"\nlog_filter = "^(Version|PodSandboxStatus):"\n',
    );
    daemon.reload();
    const isTold = async (): Promise<boolean> => {
      await daemon.runtime.version({});
      return /^Version: \d+ ms$/m.test(daemon.stderr());
    };
    await until(isTold);
    await expect(daemon.runtime.podSandboxStatus({ podSandboxId: 'nope' })).rejects.toThrow();
    await daemon.runtime.listContainers({});
    await until(() =>
      /^PodSandboxStatus: \d+ ms, failed with not_found: no pod with name or id "nope" found$/m.test(
        daemon.stderr(),
      ),
    );
    expect(daemon.stderr()).not.toContain('ListContainers');
    await writeFile(file, '');
    daemon.reload();
    await until(() => daemon.stderr().split('configuration reloaded').length > 2);
  });

  it('that is wrong leaves the one that holds', async () => {
    await writeFile(file, '[crio.runtime');
    daemon.reload();
    await until(() => daemon.stderr().includes('Warning: the configuration is not reloaded'));
    // One that can be read, but by which no container could be made.
    await writeFile(file, '[crio.runtime]\nseccomp_profile = "/nope/profile.json"\n');
    daemon.reload();
    await until(() =>
      daemon.stderr().includes('is not reloaded: cannot read the seccomp profile /nope/profile.json'),
    );
    expect((await daemon.runtime.version({})).runtimeName).toBe('lading');
  });
});

describe('a container', () => {
  it('has the rights, limits, devices and parameters of the configuration, and runs in folders of its own', async () => {
    const root = join(world.root, 'runc-state');
    await writeFile(
      file,
      `
[crio.runtime]
default_capabilities = ["CHOWN", "KILL"]
default_ulimits = ["nofile=100:200"]
default_sysctls = ["net.ipv4.ip_unprivileged_port_start=7", "kernel.shmmni=77"]
additional_devices = ["/dev/null:/dev/nothing:rw"]
pid_limit = 7
[crio.runtime.runtimes.runc]
runtime_root = "${root}"
[crio.runtime.runtimes.runc.default_annotations]
"example.com/kept" = "yes"
`,
    );
    expect(await daemon.end('SIGTERM')).toBe(0);
    daemon = await world.serve();
    expect(daemon.stderr()).toContain(
      `${file}:7: crio.runtime.pid_limit is not known and has no effect; did you mean crio.runtime.pids_limit?`,
    );
    const { runtime, images } = daemon;
    const { imageRef: image } = await images.pullImage({ image: { image: world.image } });
    const { podSandboxId } = await runtime.runPodSandbox({ config: world.pod('pod') });
    const linux = {
      securityContext: { capabilities: { addCapabilities: ['NET_RAW'], dropCapabilities: ['KILL'] } },
    };
    const config = { metadata: { name: 'main' }, image: { image }, linux };
    const { containerId } = await runtime.createContainer({ podSandboxId, config });
    try {
      await runtime.startContainer({ containerId });
      const output = async (line: string): Promise<string> => {
        const { stdout } = await runtime.execSync({ containerId, cmd: ['sh', '-c', line] });
        return Buffer.from(stdout).toString().trim();
      };
      // CAP_CHOWN is 0, CAP_NET_RAW 13.
      expect(await output('busybox grep CapBnd /proc/1/status')).toMatch(/\b0{12}2001$/);
      expect(await output('ulimit -Hn')).toBe('200');
      expect(await output('cat /proc/sys/net/ipv4/ip_unprivileged_port_start /proc/sys/kernel/shmmni')).toBe(
        '7\n77',
      );
      expect(await output('busybox stat -c %t:%T /dev/nothing')).toBe('1:3');
      const bundle = join(world.root, 'graph/overlay-containers', containerId, 'userdata');
      const { annotations, process } = JSON.parse(await readFile(join(bundle, 'config.json'), 'utf8'));
      expect(annotations).toMatchObject({ 'example.com/kept': 'yes' });
      // Seen here alone: runc, a program of Go, may raise the soft limit while it starts a process.
      expect(process.rlimits).toContainEqual({ type: 'RLIMIT_NOFILE', soft: 100, hard: 200 });
      expect(existsSync(join(root, containerId, 'state.json'))).toBe(true);
    } finally {
      // By the daemon, which alone knows of that folder.
      await runtime.removePodSandbox({ podSandboxId });
    }
    expect(existsSync(join(root, containerId))).toBe(false);
  });

  it('is not made by a daemon whose configuration is wrong', async () => {
    expect(await daemon.end('SIGTERM')).toBe(0);
    await writeFile(file, '[crio.runtime]\ndefault_ulimits = ["nofile"]\n');
    const ended = await world.start();
    expect(ended).toMatchObject({ code: 1, stderr: expect.stringContaining('default_ulimits: "nofile"') });
    await writeFile(file, '[crio.runtime]\ntimezone = "Local"\n');
    expect(await world.start()).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('crio.runtime.timezone cannot be had'),
    });
    await writeFile(file, '');
    daemon = await world.serve();
  });
});

describe('ladingd', () => {
  it('prints the configuration that a daemon would have, and the default one', async () => {
    await writeFile(file, '[crio.runtime]\nconmon = "/opt/conmon"\n');
    const flags = ['--config', file, '--config-dir', join(world.root, 'none')];
    const { code, stdout } = await ladingd('config', ...flags);
    expect(code).toBe(0);
    expect(stdout).toContain('conmon = "/opt/conmon"');
    expect(stdout).toContain('listen = "/run/lading/ladingd.sock"');
    const printed = join(world.root, 'printed.conf');
    await writeFile(printed, stdout);
    expect(await ladingd('config', '--config', printed, '--config-dir', flags[3] ?? '')).toEqual({
      code: 0,
      stdout,
      stderr: '',
    });
    expect((await ladingd('config', '--default')).stdout).toContain('conmon = "conmon"');
  });

  it('asks a daemon that runs, and says when there is none', async () => {
    const { code, stdout } = await ladingd('status', '--socket', daemon.socket, 'info');
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toBeTypeOf('object');
    const nobody = await ladingd('status', '--socket', join(world.root, 'none.sock'));
    expect(nobody).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining('is it running?') });
    const missing = await ladingd('status', '--socket', daemon.socket, 'container', 'ab');
    expect(missing).toMatchObject({ code: 1, stderr: expect.stringContaining('the daemon answered 404') });
  });

  it('finds nothing wrong with a store that is whole', async () => {
    const roots = ['--root', join(world.root, 'graph'), '--runroot', join(world.root, 'run')];
    expect(await ladingd('check', ...roots)).toEqual({ code: 0, stdout: '', stderr: '' });
  });

  it('tells its versions', async () => {
    expect((await ladingd('version')).stdout).toMatch(/^version: +\d+\.\d+\.\d+\nnode: /);
    expect(JSON.parse((await ladingd('version', '--json')).stdout)).toMatchObject({ cri: 'v1' });
  });
});
