// SPDX-License-Identifier: Apache-2.0
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { image, openTools, type Tool, type Tools } from './tools.ts';

/** Where lading differs from podman 4.3 on purpose, by the path of the field. */
const differences: Readonly<Record<string, string>> = {
  Args: 'podman counts the only word of a command among its arguments',
  'Config.Passwd': 'it tells of a flag that lading does not have',
  'Config.StopSignal': 'a name, as podman 5 has it, where podman 4 has a number',
  'HostConfig.Ulimits': 'podman names the limits of its configuration',
};

const networks = '10.86.78.0/24 10.86.79.0/24'.split(' ');

describe('inspect has what podman has of a container', () => {
  let tools: Tools;
  let dir: string;

  async function create(tool: Tool, subnet: string): Promise<void> {
    const volume = ['-v', `${dir}:/v:ro`, '-v', 'data:/n', '--tmpfs', '/t:size=1m'];
    const limits = '--memory 64m --cpus 0.5 --pids-limit 50 --ulimit nofile=100:100 --ulimit nproc=512:512';
    const words = '-l a=b -e FOO=bar --cap-add net_admin --dns 1.2.3.4 --add-host h:1.1.1.1 --group-add 20';
    const rest = '--hostname hh -w /tmp --stop-timeout 3 --stop-signal INT --restart on-failure:3';
    const health = '--health-cmd true --health-interval disable';
    // Of a name that no other network of the machine has.
    const bridge = tool.name === 'lading' ? ['--interface-name', `lading${process.pid}`] : [];
    for (const line of [
      ['network', 'create', '--subnet', subnet, ...bridge, 'n1'],
      [...'run -d --name running --network n1:alias=foo -p 127.0.0.1::80'.split(' '), ...volume]
        .concat(limits.split(' '), words.split(' '), rest.split(' '), health.split(' '))
        .concat('--cidfile', join(dir, `${tool.name}.cid`), '--log-opt', 'max-size=1m')
        .concat(image, 'sleep', '1000'),
      ['run', '--name', 'exited', '--network', 'none', image, 'true'],
      ['create', '--name', 'created', '--network', 'n1', '--volumes-from', 'running', image, 'true'],
    ]) {
      const { code, err } = await tool.run(line, dir);
      if (code !== 0) throw new Error(`${tool.name} ${line.join(' ')}: ${err}`);
    }
  }

  async function inspect(tool: Tool, name: string): Promise<Record<string, unknown>> {
    const { out } = await tool.run(['container', 'inspect', name], dir);
    return JSON.parse(out)[0];
  }

  async function field(name: string, path: string): Promise<string> {
    return (await tools.lading.run(['inspect', '--format', `{{${path}}}`, name], dir)).out.trimEnd();
  }

  beforeAll(async () => {
    tools = await openTools();
    dir = tools.world.dir;
    await Promise.all([tools.podman, tools.lading].map((tool, index) => create(tool, networks[index] ?? '')));
  });
  afterAll(async () => {
    for (const tool of [tools.podman, tools.lading]) {
      await tool.run(['rm', '--force', '--time', '0', 'created', 'running'], dir);
      await tool.run(['network', 'rm', '--force', 'n1'], dir);
    }
    await tools[Symbol.asyncDispose]();
  });

  it.each(['running', 'exited', 'created'])('each field, of its type: %s', async (name) => {
    const [wanted, own] = (await Promise.all([inspect(tools.podman, name), inspect(tools.lading, name)])).map(
      (value) => typesIn(value),
    );
    const missing = [...(wanted ?? [])].filter((line) => !own?.has(line));
    expect(missing.filter((line) => !isDifference(line))).toEqual([]);
  });

  it('no difference that is none any more', async () => {
    const names = ['running', 'exited', 'created'];
    const lines = await Promise.all(
      names.map(async (name) => {
        const own = typesIn(await inspect(tools.lading, name));
        return [...typesIn(await inspect(tools.podman, name))].filter((line) => !own.has(line));
      }),
    );
    const seen = new Set(lines.flat().filter(isDifference).map(pathOf));
    const unseen = Object.keys(differences).filter((path) => ![...seen].some((one) => isBelow(one, path)));
    expect(unseen).toEqual([]);
  });

  it('files of the host, which are there', async () => {
    expect(await readFile(await field('running', '.HostsPath'), 'utf8')).toContain('1.1.1.1\th\n');
    expect(await readFile(await field('running', '.ResolvConfPath'), 'utf8')).toContain(
      'nameserver 1.2.3.4\n',
    );
    expect(await readFile(await field('running', '.HostnamePath'), 'utf8')).toBe('hh\n');
    expect((await readFile(await field('running', '.PidFile'), 'utf8')).trim()).toBe(
      await field('running', '.State.Pid'),
    );
    expect((await readFile(await field('running', '.ConmonPidFile'), 'utf8')).trim()).toBe(
      await field('running', '.State.ConmonPid'),
    );
    expect(existsSync(await field('running', '.OCIConfigPath'))).toBe(true);
    expect(existsSync(await field('running', '.StaticDir'))).toBe(true);
    expect(await field('created', '.HostsPath')).toBe('');
  });

  it('the control group, while there is one', async () => {
    const path = await field('running', '.State.CgroupPath');
    const groups = await readFile(`/proc/${await field('running', '.State.Pid')}/cgroup`, 'utf8');
    expect(path).not.toBe('');
    expect(groups).toContain(`:${path}\n`);
    expect(await field('exited', '.State.CgroupPath')).toBe('');
  });

  it.each([
    ['running', '.ImageDigest'],
    ['running', '.HostConfig.LogConfig.Size'],
    ['running', '(index .Mounts 0).Destination'],
    ['running', '(index .Mounts 1).Destination'],
    ['created', '.HostConfig.VolumesFrom'],
    ['created', '.HostConfig.ContainerIDFile'],
    ['created', 'len .NetworkSettings.Networks'],
  ])('of %s: %s as podman has it', async (name, path) => {
    const words = ['inspect', '--format', `{{${path}}}`, name];
    const [wanted, own] = await Promise.all([tools.podman, tools.lading].map((tool) => tool.run(words, dir)));
    expect(own).toEqual(wanted);
  });

  it('the file that has its id', async () => {
    expect(await field('running', '.HostConfig.ContainerIDFile')).toBe(join(dir, 'lading.cid'));
  });
});

/** `path: type` of all that is in a document; what has keys of its own, such as ports, is not looked into. */
function typesIn(value: unknown, path = ''): Set<string> {
  const type = value === null ? 'null' : Array.isArray(value) ? 'list' : typeof value;
  const own = new Set(path === '' ? [] : [`${path}: ${type}`]);
  if (typeof value !== 'object' || value === null || isDynamic(path)) return own;
  const entries = Array.isArray(value)
    ? value.map((one) => [`${path}[]`, one] as const)
    : Object.entries(value).map(([key, one]) => [path === '' ? key : `${path}.${key}`, one] as const);
  return new Set([...own, ...entries.flatMap(([at, one]) => [...typesIn(one, at)])]);
}

function isDynamic(path: string): boolean {
  return /\.(Annotations|Labels|Ports|PortBindings|Tmpfs)$/.test(path);
}

function pathOf(line: string): string {
  return line.replace(/: \w+$/, '');
}

function isBelow(path: string, place: string): boolean {
  return path === place || path.startsWith(`${place}.`) || path.startsWith(`${place}[`);
}

function isDifference(line: string): boolean {
  return Object.keys(differences).some((place) => isBelow(pathOf(line), place));
}
