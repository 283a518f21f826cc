// SPDX-License-Identifier: Apache-2.0
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createWorldWithImage, eventually, type World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await createWorldWithImage();
});
afterAll(() => world?.[Symbol.asyncDispose]());

async function start(name: string, script: string, ...flags: string[]): Promise<void> {
  const made = await world.lading([
    ...['run', '-d', '--name', name, '--network', 'none', ...flags, world.image, 'sh', '-c', script],
  ]);
  expect(made).toMatchObject({ code: 0, err: '' });
}

const fields = (text: string): string[] => text.trim().split(/\s{2,}/);

describe('lading stats', () => {
  beforeAll(() => start('busy', 'while :; do :; done', '--memory', '64m'));
  afterAll(() => world.lading('rm -f -t 0 --all'));

  it('shows what running containers use', async () => {
    const { code, out } = await world.lading('stats --no-stream');
    const [header = '', row = '', ...rest] = out.trim().split('\n');
    expect([code, rest]).toEqual([0, []]);
    expect(fields(header)).toEqual([
      ...['ID', 'NAME', 'CPU %', 'MEM USAGE / LIMIT', 'MEM %', 'NET IO', 'BLOCK IO', 'PIDS', 'CPU TIME'],
      'AVG CPU %',
    ]);
    expect(fields(row).slice(1)).toEqual([
      'busy',
      expect.stringMatching(/^\d+\.\d\d%$/),
      expect.stringMatching(/^[\d.]+[kM]?B \/ 67\.11MB$/),
      expect.stringMatching(/^\d+\.\d\d%$/),
      '0B / 0B',
      expect.stringMatching(/^[\d.]+[kM]?B \/ [\d.]+[kM]?B$/),
      '1',
      expect.stringMatching(/s$/),
      expect.stringMatching(/^\d+\.\d\d%$/),
    ]);
  });

  it('counts processor time that was used', async () => {
    const usedMs = async (): Promise<number> => {
      const { out } = await world.lading(['stats', '--no-stream', '--format', '{{.UpTime}}', 'busy']);
      const [, amount = '', unit] = /^([\d.]+)(ms|s)\n$/.exec(out) ?? [];
      return Number(amount) * (unit === 's' ? 1000 : 1);
    };
    const before = await usedMs();
    await eventually(usedMs, (after) => after > before + 100);
  });

  it('gives podman’s JSON, and templates', async () => {
    const { out } = await world.lading('stats --no-stream --format json');
    expect(Object.keys(JSON.parse(out)[0])).toEqual([
      ...['id', 'name', 'cpu_time', 'cpu_percent', 'avg_cpu', 'mem_usage', 'mem_percent', 'net_io'],
      ...['block_io', 'pids'],
    ]);
    const table = await world.lading(['stats', '--no-stream', '--format', 'table {{.Name}} {{.PIDs}}']);
    expect(table.out).toMatch(/^NAME +PIDS\nbusy +1\n$/);
  });

  it('shows nothing of containers that have ended, unless asked', async () => {
    await world.lading(['create', '--name', 'idle', '--network', 'none', world.image, 'true']);
    const names = ['stats', '--no-stream', '--format', '{{.Name}} {{.PIDs}} {{.UpTime}}'];
    expect((await world.lading(names)).out).not.toContain('idle');
    expect((await world.lading([...names, '--all'])).out).toContain('idle 0 0s\n');
    expect((await world.lading([...names, '--latest'])).out).toBe('idle 0 0s\n');
    expect(await world.lading([...names, '--all', 'idle'])).toMatchObject({
      code: 125,
      err: 'Error: --all, --latest and containers cannot be used together\n',
    });
    expect((await world.lading([...names, 'nobody'])).code).toBe(125);
    expect((await world.lading('stats --interval 0')).err).toMatch(/invalid interval/);
  });
});

describe('what is not used', () => {
  beforeAll(async () => {
    await start('lasting', 'echo 12345 >/tmp/file; sleep 600');
    await start('over', 'echo 1234567 >/tmp/file');
    await world.lading('wait over');
    await world.lading(['create', '--name', 'kept', '--label', 'keep=yes', '--network', 'none', world.image]);
  });
  afterAll(() => world.lading('rm -f -t 0 --all'));

  it('is counted by system df', async () => {
    await eventually(
      () => world.lading(['system', 'df', '--format', '{{.Type}} {{.Total}} {{.Active}} {{.Size}}']),
      ({ out }) => out.includes('Containers 3 1 14B\n'),
    );
    const { out } = await world.lading('system df');
    const [header = '', images = '', containers = ''] = out.split('\n');
    expect(fields(header)).toEqual(['TYPE', 'TOTAL', 'ACTIVE', 'SIZE', 'RECLAIMABLE']);
    expect(fields(images).slice(0, 3)).toEqual(['Images', '1', '1']);
    expect(fields(images)[4]).toBe('0B (0%)');
    expect(fields(containers)).toEqual(['Containers', '3', '1', '14B', '8B (57%)']);
    const verbose = await world.lading('system df -v');
    expect(verbose.out).toMatch(/^Images space usage:\n\nREPOSITORY .*demo\/hello +latest .* 3\n/s);
    expect(verbose.out).toMatch(/Containers space usage:\n\n.* 8B .* exited +over\n/s);
  });

  it('is removed by container prune, after a question', async () => {
    const asked = await world.lading('container prune', 'n\n');
    expect(asked.out).toBe(
      'WARNING! This will remove all non running containers.\nAre you sure you want to continue? [y/N] ',
    );
    const ids = (await world.lading('ps -a -q --no-trunc --filter name=over')).out;
    expect(await world.lading('container prune -f --filter label!=keep')).toEqual({
      code: 0,
      out: ids,
      err: '',
    });
    expect((await world.lading('ps -a --format {{.Names}}')).out.split('\n').sort()).toEqual([
      '',
      'kept',
      'lasting',
    ]);
    expect((await world.lading('container prune -f --filter colour=red')).err).toMatch(/invalid filter/);
  });

  it('is removed by system prune, and all by system reset', async () => {
    const kept = (await world.lading('ps -a -q --no-trunc --filter name=kept')).out;
    const { code, out } = await world.lading('system prune --all', 'y\n');
    expect(code).toBe(0);
    expect(out).toMatch(/- all stopped containers\n\t- all networks .*\n\t- all images without .* container/);
    expect(out).toContain(`Deleted Containers\n${kept}`);
    expect(out).toMatch(/Total reclaimed space: 0B\n$/);
    expect((await world.lading('images -q')).out).not.toBe('');
    expect(await world.lading('system reset --force')).toMatchObject({ code: 0, err: '' });
    expect((await world.lading('images -q')).out + (await world.lading('ps -aq')).out).toBe('');
  });
});
