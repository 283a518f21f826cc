// SPDX-License-Identifier: Apache-2.0
import { once } from 'node:events';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Code } from '@lading/errors';
import { unpinNamespace } from '@lading/linux';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { bridgeNetworkConfig, createCni } from '../src/index.ts';
import { greeting, inside, makeWorld, natRules, realPlugins, serveHello, type World } from './world.ts';

let world: World;
beforeEach(async () => {
  world = await makeWorld();
});
afterEach(async () => {
  await world[Symbol.asyncDispose]();
});

/** Names of the addresses that are taken. */
async function leases(): Promise<readonly string[]> {
  const names = await readdir(join(world.leases, world.bridge));
  return names.filter((name) => /^\d/.test(name)).toSorted();
}

describe('a plugin that hangs', () => {
  it('is killed with all that it has started when its time is over, and what it did is taken back', async () => {
    const said = join(world.folder, 'said');
    const script = `cat >/dev/null; echo $CNI_COMMAND >>${said}; case $CNI_COMMAND in DEL|GC) ;; *) sleep 1000 | cat ;; esac`;
    await world.writePlugin('hangs', script);
    await world.writeList('00-hangs', { cniVersion: '1.1.0', name: 'hangs', plugins: [{ type: 'hangs' }] });
    const { configDir, cacheDir, fakes } = world;
    const cni = createCni({ configDir, cacheDir, pluginDirs: [fakes], timeoutMs: 300 });
    const late = {
      code: Code.DeadlineExceeded,
      reason: 'CNI_TIMEOUT',
      message: expect.stringMatching(
        /^CNI plugin hangs was not done with [A-Z]+ for the network hangs after 0\.3 s/,
      ),
    };
    await expect(cni.attach({ containerId: 'a', netnsPath: world.namespace() })).rejects.toMatchObject(late);
    await expect(cni.status()).rejects.toMatchObject(late);
    expect(await readFile(said, 'utf8')).toBe('ADD\nDEL\nVERSION\n');
  });
});

describe('a bridge network', () => {
  it('connects two namespaces under addresses of their own, which reach each other', async () => {
    const [a, b] = [world.namespace(), world.namespace()];
    const first = await world.cni.attach({ containerId: 'a', netnsPath: a });
    const second = await world.cni.attach({ containerId: 'b', netnsPath: b });
    expect([first.ips?.[0]?.address, second.ips?.[0]?.address]).toEqual([
      `${world.net}.2/24`,
      `${world.net}.3/24`,
    ]);
    expect(first).toMatchObject({ cniVersion: '1.1.0', routes: [{ dst: '0.0.0.0/0' }] });
    expect(first.interfaces?.find(({ sandbox }) => sandbox === a)?.name).toBe('eth0');
    expect(await inside(a, 'ping', '-c1', '-W5', `${world.net}.3`)).toContain('1 packets received');
    expect(await inside(a, 'ping', '-c1', '-W5', '127.0.0.1')).toContain('1 packets received');
    await world.cni.check({ containerId: 'a', netnsPath: a });
  });

  it('is left as often as wanted, and gives everything back', async () => {
    const netnsPath = world.namespace();
    const request = { containerId: 'gone', netnsPath };
    await world.cni.attach(request);
    expect(await leases()).toEqual([`${world.net}.2`]);
    expect(await natRules(world.bridge)).not.toEqual([]);
    await world.cni.detach(request);
    await world.cni.detach(request);
    expect(await leases()).toEqual([]);
    expect(await natRules(world.bridge)).toEqual([]);
    expect(await readdir(join(world.cacheDir, 'results'))).toEqual([]);
    expect(await inside(netnsPath, 'ip', 'link')).not.toContain('eth0');
  });

  it('is left when the namespace is gone, by what was noted when it was joined', async () => {
    const netnsPath = world.namespace();
    await world.cni.attach({ containerId: 'a', netnsPath });
    unpinNamespace(netnsPath);
    await rm(join(world.configDir, '10-default.conflist'));
    const other = createCni({
      configDir: world.configDir,
      cacheDir: world.cacheDir,
      pluginDirs: [realPlugins],
    });
    await other.detach({ containerId: 'a', netnsPath, network: world.bridge });
    expect(await leases()).toEqual([]);
    await other.detach({ containerId: 'a', netnsPath, network: world.bridge });
  });

  it('gives the address back when a later plugin fails, and tells why it failed', async () => {
    const error = { code: 11, msg: 'not now', details: 'busy\nhost' };
    await writeFile(join(world.folder, 'error'), JSON.stringify(error));
    await world.writePlugin(
      'failing',
      `test $CNI_COMMAND = ADD || exit 0; cat "${world.folder}/error"; exit 1`,
    );
    const [first] = await world.cni.networks();
    const plugins = [...(first?.list.plugins ?? []), { type: 'failing' }];
    await world.writeList('10-default', { ...first?.list, plugins });
    const attaching = world.cni.attach({ containerId: 'a', netnsPath: world.namespace() });
    await expect(attaching).rejects.toMatchObject({
      code: Code.Unavailable,
      reason: 'CNI_11',
      message: `CNI plugin failing failed at ADD for the network ${world.bridge}: not now: busy host`,
      details: { plugin: 'failing' },
    });
    expect(await leases()).toEqual([]);
    expect(await readdir(world.cacheDir).catch(() => [])).toEqual([]);
  });

  it('reports the words of a real plugin', async () => {
    const { bridge, net, leases: dataDir } = world;
    // Room for the gateway and one container.
    const config = bridgeNetworkConfig({ name: bridge, bridge, subnet: `${net}.0/30`, dataDir });
    await world.writeList('10-default', config);
    await world.cni.attach({ containerId: 'a', netnsPath: world.namespace() });
    await expect(world.cni.attach({ containerId: 'b', netnsPath: world.namespace() })).rejects.toMatchObject({
      reason: 'CNI_999',
      message: expect.stringContaining('no IP addresses available'),
    });
    expect(await leases()).toEqual([`${net}.2`]);
  });

  it('frees what nobody uses any more', async () => {
    const [a, b] = [world.namespace(), world.namespace()];
    await world.cni.attach({ containerId: 'a', netnsPath: a });
    await world.cni.attach({ containerId: 'b', netnsPath: b });
    await world.cni.collectGarbage({ valid: [{ containerId: 'b' }] });
    expect(await leases()).toEqual([`${world.net}.3`]);
  });
});

describe('port mappings', () => {
  it('lead from the gateway address of the host to the container, until it is left', async () => {
    const netnsPath = world.namespace();
    const hostIp = `${world.net}.1`;
    // Of the real plugin: an address of the host that only this test has.
    const portMappings = [{ hostPort: 18_080, containerPort: 80, hostIp }];
    const request = { containerId: 'server', netnsPath, portMappings };
    await world.cni.attach(request);
    const server = serveHello(netnsPath, 80);
    try {
      await once(server, 'spawn');
      expect(await greeting(hostIp, 18_080)).toBe('hello\n');
    } finally {
      server.kill('SIGKILL');
    }
    expect(await natRules('18080')).not.toEqual([]);
    await world.cni.detach({ containerId: 'server', netnsPath });
    expect(await natRules('18080')).toEqual([]);
  });

  it('are refused by a network that would drop them', async () => {
    const [first] = await world.cni.networks();
    await world.writeList('10-default', { ...first?.list, plugins: first?.list.plugins.slice(0, 1) });
    const portMappings = [{ hostPort: 18_080, containerPort: 80 }];
    await expect(
      world.cni.attach({ containerId: 'a', netnsPath: world.namespace(), portMappings }),
    ).rejects.toMatchObject({ code: Code.FailedPrecondition, reason: 'CNI_NO_PORTS' });
  });
});

describe('the namespace', () => {
  it('has lo up', async () => {
    const netnsPath = world.namespace();
    await inside(netnsPath, 'ip', 'link', 'set', 'lo', 'down');
    await world.cni.attach({ containerId: 'a', netnsPath });
    expect(await inside(netnsPath, 'ip', 'link', 'show', 'lo')).toMatch(/<LOOPBACK,UP/);
  });

  it('must exist', async () => {
    const netnsPath = join(world.folder, 'none');
    await expect(world.cni.attach({ containerId: 'a', netnsPath })).rejects.toMatchObject({
      code: Code.NotFound,
    });
  });
});

describe('plugins', () => {
  it('get the result of the one before, and at DEL the last result in reverse order', async () => {
    const script = (name: string) => `
      input=$(cat)
      echo "$CNI_COMMAND ${name} $CNI_CONTAINERID $CNI_IFNAME $CNI_ARGS $input" >>"${world.folder}/calls"
      test $CNI_COMMAND = ADD && echo '{"cniVersion":"1.0.0","ips":[{"address":"10.0.0.${name.length}/24"}]}'
      exit 0`;
    await world.writePlugin('x', script('x'));
    await world.writePlugin('yy', script('yy'));
    await world.writeList('00-chain', {
      cniVersion: '1.0.0',
      name: 'chain',
      plugins: [{ type: 'x' }, { type: 'yy' }],
    });
    const request = { containerId: 'c', netnsPath: world.namespace(), network: 'chain', args: { K: 'v' } };
    expect((await world.cni.attach(request)).ips).toEqual([{ address: '10.0.0.2/24' }]);
    await world.cni.detach(request);
    const calls = (await readFile(join(world.folder, 'calls'), 'utf8')).trim().split('\n');
    const words = calls.map((call) => {
      const [command, name, id, ifName, args, ...input] = call.split(' ');
      const { prevResult } = JSON.parse(input.join(' '));
      return [command, name, id, ifName, args, prevResult?.ips[0].address];
    });
    const same = ['c', 'eth0', 'IgnoreUnknown=1;K=v'];
    expect(words).toEqual([
      ['ADD', 'x', ...same, undefined],
      ['ADD', 'yy', ...same, '10.0.0.1/24'],
      ['DEL', 'yy', ...same, '10.0.0.2/24'],
      ['DEL', 'x', ...same, '10.0.0.2/24'],
    ]);
  });

  it('that are missing are named with the folders and the Debian package', async () => {
    await world.writeList('00-missing', { cniVersion: '1.0.0', name: 'm', plugins: [{ type: 'nope' }] });
    const missing = {
      code: Code.NotFound,
      reason: 'CNI_PLUGIN_MISSING',
      message: expect.stringMatching(/nope.*\/usr\/lib\/cni.*containernetworking-plugins/),
    };
    await expect(world.cni.attach({ containerId: 'a', netnsPath: world.namespace() })).rejects.toMatchObject(
      missing,
    );
    await expect(world.cni.status()).rejects.toMatchObject(missing);
    await rm(join(world.configDir, '00-missing.conflist'));
    await expect(world.cni.status()).resolves.toBeUndefined();
  });

  it('that are too old for their network are named before a container meets them', async () => {
    await world.writeList('00-new', { cniVersion: '1.1.0', name: 'new', plugins: [{ type: 'bridge' }] });
    await expect(world.cni.status()).rejects.toMatchObject({
      code: Code.FailedPrecondition,
      reason: 'CNI_1',
      message: expect.stringMatching(/bridge speaks .*1\.0\.0, and the network new wants 1\.1\.0; install/),
    });
  });

  it.each([
    ['says nothing', 'exit 3', 'CNI_999', /ended with 3 and said nothing/],
    ['speaks only on stderr', 'echo oops >&2; exit 1', 'CNI_999', /oops/],
    ['prints what is no JSON', 'echo hello', 'CNI_999', /no JSON: hello/],
    ['is killed', 'kill -9 $$', 'CNI_999', /SIGKILL/],
    ['gives an address that is none', 'echo \'{"ips":[{"address":"x"}]}\'', 'CNI_RESULT', /CIDR/],
    ['gives no result', 'true', 'CNI_RESULT', /gave no result/],
  ])('a plugin that %s fails the attachment', async (_name, script, reason, message) => {
    await world.writePlugin('odd', `test $CNI_COMMAND = ADD || exit 0\n${script}`);
    await world.writeList('00-odd', { cniVersion: '1.0.0', name: 'odd', plugins: [{ type: 'odd' }] });
    await expect(world.cni.attach({ containerId: 'a', netnsPath: world.namespace() })).rejects.toMatchObject({
      reason,
      message: expect.stringMatching(message),
    });
  });

  it('are killed with their children when the caller aborts, and what they did is taken back', async () => {
    await world.writePlugin(
      'slow',
      `echo "$CNI_COMMAND" >>"${world.folder}/calls"; test $CNI_COMMAND = ADD || exit 0; sleep 600 & wait`,
    );
    await world.writeList('00-slow', { cniVersion: '1.0.0', name: 'slow', plugins: [{ type: 'slow' }] });
    const request = { containerId: 'a', netnsPath: world.namespace(), signal: AbortSignal.timeout(300) };
    await expect(world.cni.attach(request)).rejects.toMatchObject({ code: Code.DeadlineExceeded });
    expect(await readFile(join(world.folder, 'calls'), 'utf8')).toBe('ADD\nDEL\n');
  });
});

describe('a network of CNI 1.1', () => {
  const plugins = [{ type: 'new' }];
  const wanted = { cniVersion: '0.4.0', cniVersions: ['1.0.0', '1.1.0', '2.0.0'], name: 'new', plugins };

  /** Each call of the plugin since the last look: its command, and its input. */
  async function calls(): Promise<readonly (readonly [string, Record<string, unknown>])[]> {
    const text = await readFile(join(world.folder, 'calls'), 'utf8').catch(() => '');
    await rm(join(world.folder, 'calls'), { force: true });
    return text
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => {
        const [command = '', ...input] = line.split(' ');
        return [command, JSON.parse(input.join(' '))];
      });
  }

  beforeEach(async () => {
    await world.writePlugin(
      'new',
      `echo "$CNI_COMMAND $(cat)" >>"${world.folder}/calls"
      case $CNI_COMMAND in
        ADD) echo '{"cniVersion":"1.1.0","ips":[{"address":"10.0.0.7/24"}]}' ;;
        VERSION) echo '{"cniVersion":"1.1.0","supportedVersions":["1.0.0","1.1.0"]}' ;;
        STATUS) [ ! -e "${world.folder}/ill" ] || { echo '{"cniVersion":"1.1.0","code":50,"msg":"no daemon"}'; exit 1; } ;;
      esac`,
    );
    await world.writeList('00-new', wanted);
  });

  it('is spoken to in the newest version of both, and asked whether it can be used', async () => {
    await world.cni.status();
    expect(await calls()).toEqual([
      ['VERSION', { cniVersion: '1.1.0' }],
      ['STATUS', { type: 'new', name: 'new', cniVersion: '1.1.0' }],
    ]);
    await writeFile(join(world.folder, 'ill'), '');
    await expect(world.cni.status()).rejects.toMatchObject({
      code: Code.Unavailable,
      reason: 'CNI_50',
      message: expect.stringContaining('no daemon'),
    });
  });

  it('is told what is in use, after what is noted and not in use was taken away', async () => {
    for (const containerId of ['kept', 'lost']) {
      await world.cni.attach({ containerId, netnsPath: world.namespace() });
    }
    await calls();
    await world.cni.collectGarbage({ valid: [{ containerId: 'kept' }] });
    const all = await calls();
    expect(all.map(([command]) => command)).toEqual(['DEL', 'GC']);
    const valid = [{ containerID: 'kept', ifname: 'eth0' }];
    expect(all[1]?.[1]).toMatchObject({ 'cni.dev/valid-attachments': valid, 'cni.dev/attachments': valid });
    await world.writeList('00-new', { ...wanted, disableGC: 'true' });
    await world.cni.collectGarbage({ valid: [{ containerId: 'kept' }] });
    expect(await calls()).toEqual([]);
  });

  it('is asked about a connection with the result of that, unless it wants no such question', async () => {
    const [netnsPath, other] = [world.namespace(), world.namespace()];
    await world.cni.attach({ containerId: 'asked', netnsPath });
    await world.writeList('00-new', { ...wanted, disableCheck: true });
    await world.cni.attach({ containerId: 'left-alone', netnsPath: other });
    await calls();
    await world.cni.check({ containerId: 'asked', netnsPath });
    await world.cni.check({ containerId: 'left-alone', netnsPath: other });
    const prevResult = { cniVersion: '1.1.0', ips: [{ address: '10.0.0.7/24' }] };
    expect(await calls()).toEqual([['CHECK', { type: 'new', name: 'new', cniVersion: '1.1.0', prevResult }]]);
    await expect(world.cni.check({ containerId: 'nobody', netnsPath })).rejects.toMatchObject({
      reason: 'CNI_NOT_ATTACHED',
    });
  });
});
