// SPDX-License-Identifier: Apache-2.0
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { Code } from '@lading/errors';
import { digestHex } from '@lading/image-spec';
import { endOfArchive, type NewTarMember, paddingAfter, tarMemberHeader } from '@lading/layer';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createMemorySource, makeTestImage, type TestImage } from './conformance.ts';
import { copyImage, openDestination, openSource } from './index.ts';

let cwd: string;
beforeEach(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'lading-copy-'));
});
afterEach(() => rm(cwd, { recursive: true, force: true }));

type Member = readonly [name: string, content: Uint8Array | string, more?: Partial<NewTarMember>];

function tar(members: readonly Member[]): Buffer {
  return Buffer.concat([
    ...members.flatMap(([name, content, more]) => {
      const bytes = Buffer.from(content);
      return [
        tarMemberHeader({ name, size: bytes.length, mode: 0o444, ...more }),
        bytes,
        paddingAfter(bytes.length),
      ];
    }),
    endOfArchive,
  ]);
}

/** The members of a good archive, to be spoiled. */
async function saved(): Promise<{ image: TestImage; members: Map<string, Member> }> {
  const image = await makeTestImage({ seed: 'saved', saved: true });
  const blob = (digest: TestImage['config']['digest']) => image.blobs.get(digest) ?? '';
  const layers = image.layers.map((layer, i): Member => [`layer-${i}/layer.tar`, blob(layer.digest)]);
  const manifest = [{ Config: 'config.json', RepoTags: ['app:1'], Layers: layers.map(([name]) => name) }];
  const all: Member[] = [
    ...layers,
    ['config.json', blob(image.config.digest)],
    ['manifest.json', JSON.stringify(manifest)],
  ];
  return { image, members: new Map(all.map((member) => [member[0], member])) };
}

async function copyFrom(bytes: Uint8Array, reference = 'docker-archive:in.tar') {
  await writeFile(join(cwd, 'in.tar'), bytes);
  const source = await openSource(reference, { cwd });
  try {
    return await copyImage(source, await openDestination('oci:out:x', { cwd }));
  } finally {
    await source.close();
  }
}

const layer = 'layer-0/layer.tar';
const config = 'config.json';

describe('a docker-archive', () => {
  const good: [string, (members: Map<string, Member>) => void][] = [
    ['as it is', () => {}],
    [
      'with names that begin with ./',
      (m) => {
        for (const [name, member] of m) m.set(name, [`./${name}`, ...(member.slice(1) as [string])]);
      },
    ],
    [
      'whose layer is a link to another member, as docker save has it',
      (m) => {
        m.set('first', ['first.tar', m.get(layer)?.[1] ?? '']);
        m.set(layer, [layer, '', { type: 'symlink', linkName: '../first.tar' }]);
      },
    ],
    [
      'whose layers are compressed',
      (m) => {
        m.set(layer, [layer, gzipSync(m.get(layer)?.[1] ?? '')]);
      },
    ],
    [
      'with a member that climbs, which nobody asks for',
      (m) => {
        m.set('evil', ['../../evil', 'x']);
        m.set('link', ['/etc/evil', '', { type: 'symlink', linkName: '/etc/passwd' }]);
      },
    ],
  ];
  it.each(good)('is read %s', async (_name, change) => {
    const { image, members } = await saved();
    change(members);
    expect((await copyFrom(tar([...members.values()]))).config).toBe(image.config.digest);
    expect((await readdir(cwd)).toSorted()).toEqual(['in.tar', 'out']);
  });

  const bad: [string, (members: Map<string, Member>) => void, Code | undefined, RegExp][] = [
    ['without a layer', (m) => m.delete(layer), Code.NotFound, /has no "layer-0\/layer.tar"/],
    ['without its config', (m) => m.delete(config), Code.NotFound, /has no "config.json"/],
    ['without manifest.json', (m) => m.delete('manifest.json'), Code.NotFound, /has no "manifest.json"/],
    [
      'whose layer is another one',
      (m) => m.set(layer, [layer, m.get('layer-1/layer.tar')?.[1] ?? '']),
      Code.DataLoss,
      /./,
    ],
    [
      'whose layer is cut',
      (m) => m.set(layer, [layer, Buffer.from(m.get(layer)?.[1] ?? '').subarray(0, 600)]),
      Code.DataLoss,
      /./,
    ],
    [
      'whose layer leads out of it',
      (m) => m.set(layer, [layer, '', { type: 'symlink', linkName: '../../../etc/passwd' }]),
      Code.NotFound,
      /passwd/,
    ],
    [
      'whose layer leads to itself',
      (m) => m.set(layer, [layer, '', { type: 'symlink', linkName: 'layer.tar' }]),
      Code.InvalidArgument,
      /not a file/,
    ],
    [
      'whose layer is a folder',
      (m) => m.set(layer, [`${layer}/`, '', { type: 'directory' }]),
      Code.InvalidArgument,
      /not a file/,
    ],
    ['with a layer twice', (m) => m.set('again', [layer, 'x']), Code.InvalidArgument, /twice/],
    [
      'with manifest.json twice',
      (m) => m.set('again', ['manifest.json', '[]']),
      Code.InvalidArgument,
      /twice/,
    ],
    ['whose config names another file', (m) => m.set(config, [config, '{}']), Code.InvalidArgument, /./],
    [
      'whose manifest.json is no JSON',
      (m) => m.set('manifest.json', ['manifest.json', '[{']),
      Code.InvalidArgument,
      /not JSON/,
    ],
    [
      'whose manifest.json is no list',
      (m) => m.set('manifest.json', ['manifest.json', '{}']),
      Code.InvalidArgument,
      /not a list/,
    ],
    [
      'with nothing in manifest.json',
      (m) => m.set('manifest.json', ['manifest.json', '[]']),
      Code.NotFound,
      /no image/,
    ],
    [
      'with numbers for names',
      (m) => m.set('manifest.json', ['manifest.json', '[{"Config":1}]']),
      Code.InvalidArgument,
      /not a name/,
    ],
    [
      'with one layer too few',
      (m) => m.set('manifest.json', ['manifest.json', '[{"Config":"config.json","Layers":[]}]']),
      Code.InvalidArgument,
      /0 layers/,
    ],
    [
      'with a manifest.json above 4 MiB',
      (m) => m.set('manifest.json', ['manifest.json', ' '.repeat(5e6)]),
      Code.ResourceExhausted,
      /longer/,
    ],
  ];
  it.each(bad)('is refused %s', async (_name, change, code, message) => {
    const { members } = await saved();
    change(members);
    await expect(copyFrom(tar([...members.values()]))).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message),
      details: { side: 'source' },
    });
    expect((await readdir(cwd, { recursive: true })).filter((name) => name.endsWith('index.json'))).toEqual(
      [],
    );
  });

  it('that lies about the size of a member is refused', async () => {
    const { members } = await saved();
    const lying = tar([...members.values()]);
    const header = tarMemberHeader({ name: layer, size: 1e9, mode: 0o444 });
    header.copy(lying, 0);
    await expect(copyFrom(lying)).rejects.toMatchObject({ code: Code.DataLoss, reason: 'TRUNCATED' });
    await expect(copyFrom(gzipSync(lying))).rejects.toMatchObject({ code: Code.DataLoss });
    await expect(copyFrom(Buffer.alloc(5000, 1))).rejects.toMatchObject({ code: Code.InvalidArgument });
    await expect(copyFrom(Buffer.alloc(0))).rejects.toMatchObject({ code: Code.NotFound });
  });

  it('is written nowhere but to a new file, and only as a whole', async () => {
    await writeFile(join(cwd, 'old.tar'), 'precious');
    await mkdir(join(cwd, 'folder'));
    for (const path of ['old.tar', 'folder']) {
      await expect(openDestination(`docker-archive:${path}`, { cwd })).rejects.toMatchObject({
        code: Code.FailedPrecondition,
      });
    }
    expect(await readFile(join(cwd, 'old.tar'), 'utf8')).toBe('precious');
    const image = await makeTestImage({ seed: 'x' });
    image.blobs instanceof Map && image.blobs.delete(image.layers[1]?.digest);
    const failing = copyImage(
      createMemorySource(image),
      await openDestination('docker-archive:new.tar', { cwd }),
    );
    await expect(failing).rejects.toMatchObject({ reason: 'BLOB_UNKNOWN' });
    expect((await readdir(cwd)).toSorted()).toEqual(['folder', 'old.tar']);
  });
});

describe('an oci-archive', () => {
  it('is refused with a blob that is tampered with, gone, twice, or leads elsewhere', async () => {
    const image = await makeTestImage({ seed: 'oci' });
    await copyImage(createMemorySource(image), await openDestination('oci:good:x', { cwd }));
    const digest = digestHex(image.layers[0]?.digest ?? image.config.digest);
    const blob = `blobs/sha256/${digest}`;
    const names = (await readdir(join(cwd, 'good'), { recursive: true, withFileTypes: true }))
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name).slice(join(cwd, 'good').length + 1));
    const members = await Promise.all(
      names.map(async (name): Promise<Member> => [name, await readFile(join(cwd, 'good', name))]),
    );
    expect((await copyFrom(tar(members), 'oci-archive:in.tar:x')).descriptor.digest).toBe(image.top.digest);
    expect((await copyFrom(gzipSync(tar(members)), 'oci-archive:in.tar')).config).toBe(image.config.digest);
    await rm(join(cwd, 'out'), { recursive: true });
    const others = members.filter(([name]) => name !== blob);
    const [, bytes = ''] = members.find(([name]) => name === blob) ?? [];
    const spoiled: [Member[], Code][] = [
      [[...others, [blob, Buffer.from(bytes).reverse()]], Code.DataLoss],
      [[...others, [blob, Buffer.from(bytes).subarray(1)]], Code.DataLoss],
      [others, Code.NotFound],
      [[...members, [blob, bytes]], Code.InvalidArgument],
      [[...others, [blob, '', { type: 'symlink', linkName: '/etc/passwd' }]], Code.NotFound],
    ];
    for (const [archive, code] of spoiled) {
      await expect(copyFrom(tar(archive), 'oci-archive:in.tar:x')).rejects.toMatchObject({ code });
      await rm(join(cwd, 'out'), { recursive: true, force: true });
    }
  });
});
