// SPDX-License-Identifier: Apache-2.0
import { Code } from '@lading/errors';
import { type Descriptor, encodeJson, MediaType, parseDigest, parseIndex } from '@lading/image-spec';
import { describe, expect, it } from 'vitest';
import { asWritten, changed, withChanges, withEntries, withoutEntry } from './edit-list.ts';

const empty = { schemaVersion: 2, manifests: [] } as const;
const platform = { architecture: 'amd64', os: 'linux' };

function entry(letter: string, mediaType: string = MediaType.ImageManifest): Descriptor {
  return { mediaType, digest: parseDigest(`sha256:${letter.repeat(64)}`), size: 7, platform };
}

const [one, two] = [entry('1'), entry('2')];

describe('a list', () => {
  it('has an image once, that was added last at the end', () => {
    const { manifests } = withEntries(withEntries(empty, [one, two]), [{ ...one, size: 8 }]);
    expect(manifests).toEqual([two, { ...one, size: 8 }]);
  });

  it('loses an image, and none that it does not have', () => {
    const list = withEntries(empty, [one, two]);
    expect(withoutEntry(list, one.digest).manifests).toEqual([two]);
    expect(() => withoutEntry(withEntries(empty, [two]), one.digest)).toThrow(
      expect.objectContaining({ code: Code.NotFound }),
    );
  });

  it('says other things of an image, and nothing of one that it does not have', () => {
    const list = withEntries(empty, [{ ...one, annotations: { a: 'b' } }, two]);
    const changes = { annotations: { c: 'd' }, platform: { variant: 'v2' } };
    expect(withChanges(list, one.digest, changes).manifests).toEqual([
      { ...one, annotations: { c: 'd' }, platform: { ...platform, variant: 'v2' } },
      two,
    ]);
    expect(() => withChanges(empty, one.digest, changes)).toThrow(/no image instance matching/);
  });

  it('names the platform of an image that had none', () => {
    const { platform: _, ...bare } = one;
    expect(changed(bare, { platform: { os: 'linux' } }).platform).toEqual({ architecture: '', os: 'linux' });
    expect(changed(bare, { platform: {} })).toEqual(bare);
  });
});

describe('the format of a list', () => {
  const docker = entry('3', MediaType.DockerManifest);
  it.each([
    ['without images', [], MediaType.DockerManifestList],
    ['of Docker’s images', [docker], MediaType.DockerManifestList],
    ['of the OCI’s', [one], MediaType.ImageIndex],
    ['of both', [docker, one], MediaType.ImageIndex],
    ['with annotations', [{ ...docker, annotations: { a: 'b' } }], MediaType.ImageIndex],
  ])('%s is the one that says all', (_name, entries, mediaType) => {
    const written = asWritten(withEntries(empty, entries));
    expect(written.mediaType).toBe(mediaType);
    expect(parseIndex(encodeJson(written))).toEqual(written);
  });

  it('decides on the order of members, and on features', () => {
    const features = { ...platform, features: ['sse4'] };
    const texts = [docker, one].map((image) =>
      JSON.stringify(asWritten(withEntries(empty, [changed(image, { platform: features })])).manifests[0]),
    );
    expect(texts).toEqual([
      `{"mediaType":"${MediaType.DockerManifest}","size":7,"digest":"${docker.digest}","platform":{"architecture":"amd64","os":"linux","features":["sse4"]}}`,
      `{"mediaType":"${MediaType.ImageManifest}","digest":"${one.digest}","size":7,"platform":{"architecture":"amd64","os":"linux"}}`,
    ]);
  });
});
