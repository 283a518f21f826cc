// SPDX-License-Identifier: Apache-2.0
import { type Descriptor, digestBytes, formatPlatform, MediaType } from '@lading/image-spec';
import { describe, expect, it } from 'vitest';
import { addToIndex, createIndex, removeFromIndex } from './edit-index.ts';
import { mergeContainers } from './merge-containers.ts';

async function entry(architecture: string, seed = architecture, docker = false): Promise<Descriptor> {
  return {
    mediaType: docker ? MediaType.DockerManifest : MediaType.ImageManifest,
    digest: await digestBytes(new TextEncoder().encode(seed)),
    size: 1,
    platform: { os: architecture === 'unknown' ? 'unknown' : 'linux', architecture },
  };
}

describe('a list', () => {
  it('takes an image for the platform of an older one in its place', async () => {
    const [old, now, arm] = await Promise.all([entry('amd64', 'old'), entry('amd64', 'new'), entry('arm64')]);
    expect(addToIndex(createIndex([old, arm]), [now]).manifests).toEqual([arm, now]);
  });

  it('keeps attestations, which have no platform of their own', async () => {
    const [one, two] = await Promise.all([entry('unknown', 'one'), entry('unknown', 'two')]);
    expect(createIndex([one, two]).manifests).toEqual([one, two]);
  });

  it('refuses two images of one platform', async () => {
    const images = await Promise.all([entry('amd64', 'one'), entry('amd64', 'two')]);
    expect(() => createIndex(images)).toThrow(/two images are given for linux\/amd64/);
  });

  it("in Docker's format takes its images, and nothing that it cannot say", async () => {
    const [oci, docker] = await Promise.all([entry('amd64'), entry('arm64', 'arm64', true)]);
    expect(createIndex([docker], { format: 'v2s2' }).mediaType).toBe(MediaType.DockerManifestList);
    expect(() => createIndex([oci], { format: 'v2s2' })).toThrow(/takes images in Docker's format/);
    expect(() => createIndex([], { format: 'v2s2', annotations: { a: 'b' } })).toThrow(/have no annotations/);
  });

  it('gives up what is named by digest or platform, and says what it does not have', async () => {
    const [amd, arm, s390] = await Promise.all([entry('amd64'), entry('arm64'), entry('s390x')]);
    const index = createIndex([amd, arm, s390]);
    const rest = removeFromIndex(index, {
      digests: [amd.digest],
      platforms: [{ os: 'linux', architecture: 's390x' }],
    });
    expect(rest.manifests.map(({ platform }) => platform && formatPlatform(platform))).toEqual([
      'linux/arm64',
    ]);
    expect(() => removeFromIndex(rest, { digests: [amd.digest] })).toThrow(/the list has no image sha256:/);
  });
});

describe('what is said of containers, on a new base', () => {
  it('is of the new base where it was inherited, and else the own', () => {
    const oldBase = {
      User: 'old',
      WorkingDir: '/',
      Env: ['A=1', 'B=1'],
      Labels: { base: '1', gone: 'x' },
      Cmd: ['sh'],
    };
    const newBase = { User: 'new', WorkingDir: '/', Env: ['A=2', 'B=2', 'C=2'], Labels: { base: '2' } };
    const own = {
      ...oldBase,
      Env: ['A=1', 'B=mine', 'D='],
      Labels: { ...oldBase.Labels, app: 'yes' },
      Cmd: ['app'],
    };
    expect(mergeContainers(own, oldBase, newBase)).toEqual({
      User: 'new',
      WorkingDir: '/',
      Env: ['A=2', 'B=mine', 'C=2', 'D='],
      Labels: { base: '2', app: 'yes' },
      Cmd: ['app'],
    });
  });

  it('leaves out what the image took away, and what both bases lack', () => {
    expect(mergeContainers({}, { User: 'x', Env: ['A=1'] }, { User: 'y', Env: ['A=2'] })).toEqual({});
  });
});
