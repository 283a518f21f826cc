// SPDX-License-Identifier: Apache-2.0
import { makeTestImage, makeTestIndex } from '@lading/image-copy/conformance';
import { startRegistry } from '@lading/registry';
import { describe, expect, it } from 'vitest';
import { ladingCopy, later, makeFolder, put, startDockerRegistry, tool } from './world.ts';

/** The same against both registries. */
const registries: [string, () => Promise<string>][] = [
  ["Debian's docker-registry", startDockerRegistry],
  [
    '@lading/registry',
    async () => {
      const registry = await startRegistry();
      later(() => registry.close());
      return registry.host;
    },
  ],
];

const insecure = ['--src-tls-verify=false', '--dest-tls-verify=false'];
const policy = '--insecure-policy';

async function ok(outcome: Promise<{ code: number; stdout: string; stderr: string }>): Promise<string> {
  const { code, stdout, stderr } = await outcome;
  expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' });
  return stdout;
}

describe.each(registries)('with %s', (_name, start) => {
  it.each(['oci', 'v2s2'] as const)(
    'skopeo reads what lading-copy wrote, and the reverse (%s)',
    async (format) => {
      const [host, cwd] = [await start(), await makeFolder()];
      const image = await makeTestImage({ seed: 'both ways', layers: 3, format });
      await put(image, `docker://${host}/team/app:1`);
      const raw = async (reference: string): Promise<string> =>
        ok(tool(cwd, 'skopeo', ['inspect', '--tls-verify=false', '--raw', reference]));
      const copies = [
        ['lading-copy', `docker://${host}/team/app:1`, 'dir:ours'],
        ['skopeo', 'dir:ours', `docker://${host}/team/theirs:1`],
        ['lading-copy', `docker://${host}/team/theirs:1`, `docker://${host}/team/ours:2`],
        ['skopeo', `docker://${host}/team/ours:2`, 'dir:theirs'],
        ['lading-copy', 'dir:theirs', `docker://${host}/team/last:1`],
      ] as const;
      for (const [program, from, to] of copies) {
        const argv = ['copy', policy, ...insecure, from, to];
        await ok(program === 'skopeo' ? tool(cwd, 'skopeo', argv) : ladingCopy(cwd, argv));
        expect(await raw(to)).toBe(Buffer.from(image.top.bytes).toString());
      }
    },
  );

  it('an OCI layout goes there and back', async () => {
    const [host, cwd] = [await start(), await makeFolder()];
    const image = await makeTestImage({ seed: 'layout' });
    await put(image, `docker://${host}/team/app:1`);
    await ok(ladingCopy(cwd, ['copy', ...insecure, `docker://${host}/team/app:1`, 'oci:layout:ours']));
    await ok(tool(cwd, 'skopeo', ['copy', policy, 'oci:layout:ours', 'oci:layout:theirs']));
    await ok(
      tool(cwd, 'skopeo', ['copy', policy, ...insecure, 'oci:layout:ours', `docker://${host}/team/b:1`]),
    );
    const digestOf = (reference: string) =>
      ok(ladingCopy(cwd, ['inspect', '--tls-verify=false', '--format', '{{.Digest}}', reference]));
    for (const reference of ['oci:layout:ours', 'oci:layout:theirs', `docker://${host}/team/b:1`]) {
      expect(await digestOf(reference)).toBe(`${image.top.digest}\n`);
    }
  });

  it('a whole list keeps its digest with --all, and gives one image without', async () => {
    const [host, cwd] = [await start(), await makeFolder()];
    const platforms = [
      { os: 'linux', architecture: 'amd64' },
      { os: 'linux', architecture: 'arm64' },
    ];
    const images = await Promise.all(
      platforms.map(async (platform) => ({
        image: await makeTestImage({ seed: platform.architecture, platform }),
        platform,
      })),
    );
    const index = await makeTestIndex(images);
    await put(index, `docker://${host}/team/list:1`, true);
    const from = `docker://${host}/team/list:1`;
    await ok(
      ladingCopy(cwd, [
        'copy',
        '--all',
        ...insecure,
        '--digestfile',
        'digest',
        from,
        `docker://${host}/b/list:1`,
      ]),
    );
    await ok(
      tool(cwd, 'skopeo', ['copy', '--all', policy, ...insecure, `docker://${host}/b/list:1`, 'dir:all']),
    );
    expect(await ok(ladingCopy(cwd, ['manifest-digest', 'all/manifest.json']))).toBe(`${index.top.digest}\n`);
    for (const { image, platform } of images) {
      await ok(
        ladingCopy(cwd, ['copy', ...insecure, '--override-arch', platform.architecture, from, 'oci:one:x']),
      );
      const digest = await ok(tool(cwd, 'skopeo', ['inspect', '--format', '{{.Digest}}', 'oci:one:x']));
      expect(digest.trim()).toBe(image.top.digest);
    }
    const { code, stderr } = await ladingCopy(cwd, [
      'copy',
      ...insecure,
      '--override-arch',
      's390x',
      from,
      'oci:x',
    ]);
    expect(code).toBe(1);
    expect(stderr).toBe(
      `Error: reading ${from}: no image for linux/s390x in the index; there are linux/amd64, linux/arm64\n`,
    );
  });

  it('inspect says what skopeo says, and list-tags too', async () => {
    const [host, cwd] = [await start(), await makeFolder()];
    for (const [tag, format] of [
      ['1', 'oci'],
      ['2', 'v2s2'],
    ] as const) {
      await put(await makeTestImage({ seed: `<${tag}> & more`, format }), `docker://${host}/team/app:${tag}`);
    }
    const reference = `docker://${host}/team/app:2`;
    const cases = [
      [reference],
      ['--no-tags', reference],
      ['--config', reference],
      ['--config', '--raw', reference],
      ['--raw', reference],
      ['--format', '{{.Name}} {{.Digest}} {{.Labels}} {{.Created}} {{range .Env}}{{.}},{{end}}', reference],
      ['--config', '--format', '{{.OS}}/{{.Architecture}} {{.Config.Cmd}} {{.RootFS.DiffIDs}}', reference],
    ];
    for (const argv of cases) {
      const all = ['inspect', '--tls-verify=false', ...argv];
      const theirs = await ok(tool(cwd, 'skopeo', all));
      const ours = await ok(ladingCopy(cwd, all));
      // Debian's skopeo is from before this member.
      expect(ours.replace(/ {4}"LayersData": \[.*?\n {4}\],\n/s, '')).toBe(theirs);
    }
    const tags = ['list-tags', '--tls-verify=false', `docker://${host}/team/app`];
    expect(await ok(ladingCopy(cwd, tags))).toBe(await ok(tool(cwd, 'skopeo', tags)));
  });

  it('tells the size of the layers', async () => {
    const [host, cwd] = [await start(), await makeFolder()];
    const image = await makeTestImage({ seed: 'layers' });
    await put(image, `docker://${host}/team/app:1`);
    const text = await ok(ladingCopy(cwd, ['inspect', '--tls-verify=false', `docker://${host}/team/app:1`]));
    expect(JSON.parse(text)).toMatchObject({
      LayersData: image.layers.map(({ mediaType, digest, size }) => ({
        MIMEType: mediaType,
        Digest: digest,
        Size: size,
        Annotations: null,
      })),
    });
  });

  it('deletes an image', async () => {
    const [host, cwd] = [await start(), await makeFolder()];
    const reference = `docker://${host}/team/app:1`;
    await put(await makeTestImage({ seed: 'delete' }), reference);
    await ok(ladingCopy(cwd, ['delete', '--tls-verify=false', reference]));
    const { code, stdout, stderr } = await ladingCopy(cwd, ['inspect', '--tls-verify=false', reference]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(/^Error: reading docker:\/\/.*MANIFEST_UNKNOWN.*\n$/);
  });
});
