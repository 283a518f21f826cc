// SPDX-License-Identifier: Apache-2.0
import { join } from 'node:path';
import { pushBusyboxImage } from './image.ts';
import type { Journey } from './journey.ts';
import { run, startServer } from './programs.ts';

/** A registry, an image made in code, and a copy of it; gives the image's reference. */
export async function cargoChapters(journey: Journey, stack: AsyncDisposableStack): Promise<string> {
  const { transcript, env, root, work } = journey;

  transcript.chapter('A registry, in memory, on a free port');
  const serve = ['serve', '--addr', '127.0.0.1:0'];
  const line = await transcript.step(`lading-registry ${serve.join(' ')}`, async () => {
    const server = stack.use(await startServer('lading-registry', serve, env));
    return server.line;
  });
  const host = new URL(line.replace('listening on ', '')).host;
  const image = `${host}/demo/hello:latest`;

  transcript.chapter('An image, made in code and pushed with @lading/registry-client');
  await transcript.step(`push ${image}`, async () => {
    const { manifest, layer } = await pushBusyboxImage(
      { host, repository: 'demo/hello', tag: 'latest' },
      work,
    );
    return `layer    ${layer.digest.slice(0, 19)}…  ${layer.size} bytes\nmanifest ${manifest.digest.slice(0, 19)}…  ${manifest.size} bytes`;
  });

  transcript.chapter('A copy to an OCI layout');
  const layout = `oci:${join(root, 'layout')}:hello`;
  const copy = ['--insecure-policy', 'copy', '--src-tls-verify=false', `docker://${image}`, layout];
  await transcript.step(`lading-copy ${copy.join(' ')}`, () => run('lading-copy', copy, env));
  const format = '{{.Name}} {{.Architecture}} {{.Os}} {{.Digest}}';
  for (const inspect of [
    ['inspect', '--tls-verify=false', '--format', format, `docker://${image}`],
    ['inspect', '--format', '{{.Architecture}} {{.Os}} {{.Digest}}', layout],
  ]) {
    await transcript.step(`lading-copy ${inspect.map(quote).join(' ')}`, () =>
      run('lading-copy', inspect, env),
    );
  }
  return image;
}

/** As a shell would need it typed. */
export function quote(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word}'`;
}
