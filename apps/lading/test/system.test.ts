// SPDX-License-Identifier: Apache-2.0
import { rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createWorldWithImage, type World } from './world.ts';

let world: World;
let root: string;
beforeEach(async () => {
  world = await createWorldWithImage();
  root = world.env.LADING_ROOT ?? '';
});
afterEach(() => world[Symbol.asyncDispose]());

const imageId = async (): Promise<string> =>
  (await world.lading('images -q --no-trunc')).out.trim().replace('sha256:', '');

describe('lading system check', () => {
  it('says nothing of a store that is sound', async () => {
    for (const flags of ['', ' --quick', ' --repair', ' -m 1h']) {
      expect(await world.lading(`system check${flags}`)).toEqual({ code: 0, out: '', err: '' });
    }
  });

  it('tells what is damaged, mends what can be mended, and removes an image whose bytes are gone', async () => {
    const id = await imageId();
    truncateSync(join(root, 'overlay-layers/layers.json'), 10);
    const told = await world.lading('system check --quick');
    expect({ code: told.code, err: told.err }).toEqual({
      code: 125,
      err: 'Error: damage detected in local storage\n',
    });
    expect(told.out).toMatch(/^Damaged store:\n\t\* .*layers\.json: .*unreadable\n/);
    const mended = await world.lading('system check --repair');
    expect(mended.out).toMatch(/^Damaged store:\n.*\nMended: .*layers\.json: written anew with 1 records/s);
    expect({ code: mended.code, err: mended.err }).toEqual({ code: 0, err: '' });
    const layers = (await world.lading(`inspect --format {{.GraphDriver.Name}} ${world.image}`)).code;
    expect(layers).toBe(0);

    const file = join(await layerFolder(), 'diff/etc/passwd');
    writeFileSync(file, 'root::0:0::/:/bin/sh\n');
    expect((await world.lading('system check --quick')).code).toBe(0);
    const damaged = await world.lading('system check');
    expect([damaged.code, damaged.out]).toEqual([
      125,
      expect.stringMatching(/Damaged image [0-9a-f]{64}:\n/),
    ]);
    const removed = await world.lading('system check -r');
    expect(removed).toMatchObject({ code: 0, err: '' });
    expect(removed.out).toContain(`Deleted damaged image: ${id}\n`);
    expect(await imageId()).toBe('');
  });

  it('removes a damaged container by force only', async () => {
    await world.lading(['create', '--name', 'web', '--network', 'none', world.image, 'true']);
    rmSync(join(await layerFolder(), 'diff/etc/passwd'));
    const kept = await world.lading('system check --repair');
    expect([kept.code, kept.err]).toEqual([
      125,
      'Error: damage in local storage still present after repair attempt\n',
    ]);
    const removed = await world.lading('system check --force');
    expect([removed.code, removed.err]).toEqual([0, '']);
    expect(removed.out).toMatch(/Deleted damaged container: [0-9a-f]{64}\n/);
  });

  it('takes no words', async () => {
    expect(await world.lading('system check all')).toMatchObject({ code: 125, out: '' });
  });
});

describe('lading image prune', () => {
  it('asks first, and takes no for an answer', async () => {
    const id = await imageId();
    await world.lading(`untag ${world.image}`);
    const asked = await world.lading('image prune', 'n\n');
    expect(asked).toEqual({
      code: 0,
      out: 'WARNING! This command removes all dangling images.\nAre you sure you want to continue? [y/N] ',
      err: '',
    });
    expect((await world.lading('image prune', '')).code).toBe(0);
    expect(await imageId()).toBe(id);
    expect((await world.lading('image prune', 'Yes\n')).out).toMatch(new RegExp(`\\[y/N\\] ${id}\\n$`));
    expect(await imageId()).toBe('');
  });

  it('of all leaves what has a container, and what the filters do not name', async () => {
    const id = await imageId();
    const prune = (...words: string[]) => world.lading(['image', 'prune', '--all', '--force', ...words]);
    for (const filter of ['label=nobody=has', 'until=1970-01-02', 'label!=purpose']) {
      expect(await prune('--filter', filter)).toEqual({ code: 0, out: '', err: '' });
    }
    await world.lading(['create', '--name', 'web', '--network', 'none', world.image, 'true']);
    expect(await prune()).toEqual({ code: 0, out: '', err: '' });
    await world.lading('rm web');
    expect(await prune('--filter', 'label=purpose', '--filter', 'until=1s')).toEqual({
      code: 0,
      out: `${id}\n`,
      err: '',
    });
  });

  it.each(['what=1', 'label', 'label=', 'until=soon'])('refuses the filter %s', async (filter) => {
    const { code, out } = await world.lading(['image', 'prune', '-f', '--filter', filter]);
    expect([code, out]).toEqual([125, '']);
  });
});

/** The folder of the only layer that is no container's. */
async function layerFolder(): Promise<string> {
  const { readFile } = await import('node:fs/promises');
  const layers: unknown = JSON.parse(await readFile(join(root, 'overlay-layers/layers.json'), 'utf8'));
  const all: { id: string; 'diff-digest'?: string }[] = Array.isArray(layers) ? layers : [];
  return join(root, 'overlay', all.find((layer) => layer['diff-digest'] !== undefined)?.id ?? '');
}
