// SPDX-License-Identifier: Apache-2.0
import { Code } from '@lading/errors';
import { digestHex } from '@lading/image-spec';
import { describe, expect, it } from 'vitest';
import { createMemorySource, makeTestImage } from '../src/conformance.ts';
import { copyImage, openDestination, openSource } from '../src/index.ts';
import { copy, makeFolder, makePodman, skopeo } from './programs.ts';

describe('docker-daemon:', () => {
  it('takes images in and gives them back, as it does for skopeo', async () => {
    const [cwd, podman] = [await makeFolder(), await makePodman()];
    const daemonHost = await podman.service();
    const context = { cwd, daemonHost };
    for (const format of ['oci', 'v2s2'] as const) {
      const image = await makeTestImage({ seed: format, layers: 3, format });
      const name = `example.com/team/${format}:1`;
      await copy(createMemorySource(image), `docker-daemon:${name}`, context);
      const id = (await podman('image', 'inspect', '--format', '{{.Id}}', name)).trim();
      expect(id).toBe(digestHex(image.config.digest));
      for (const reference of [`docker-daemon:${name}`, `docker-daemon:sha256:${id}`]) {
        const source = await openSource(reference, context);
        const { bytes } = await source.manifest();
        await source.close();
        expect(Buffer.from(bytes).toString()).toBe(
          await skopeo(cwd, 'inspect', '--raw', '--daemon-host', daemonHost, reference),
        );
        const { config } = await copy(reference, `oci:out:${format}`, context);
        expect(config).toBe(image.config.digest);
      }
    }
  });

  it('says that an image is not there, and that no daemon is', async () => {
    const [cwd, podman] = [await makeFolder(), await makePodman()];
    const daemonHost = await podman.service();
    const none = copy('docker-daemon:example.com/none:1', 'oci:out:x', { cwd, daemonHost });
    await expect(none).rejects.toMatchObject({ details: { side: 'source' } });
    const nobody = copy('docker-daemon:example.com/none:1', 'oci:out:x', {
      cwd,
      daemonHost: `unix://${cwd}/no.sock`,
    });
    await expect(nobody).rejects.toMatchObject({
      code: Code.Unavailable,
      message: expect.stringMatching(/no\.sock does not answer .*; is it running\?$/),
    });
  });

  it('ends when it is aborted', async () => {
    const [cwd, podman] = [await makeFolder(), await makePodman()];
    const daemonHost = await podman.service();
    const image = await makeTestImage({ seed: 'abort' });
    const destination = await openDestination('docker-daemon:example.com/app:1', { cwd, daemonHost });
    const abort = new AbortController();
    const copying = copyImage(createMemorySource(image), destination, {
      signal: abort.signal,
      onProgress: ({ kind }) => {
        if (kind === 'manifest') abort.abort();
      },
    });
    await expect(copying).rejects.toMatchObject({ code: Code.Canceled });
    await destination.close();
    expect(await podman('images', '-q')).toBe('');
  });
});
