// SPDX-License-Identifier: Apache-2.0
import { createServer, type IncomingMessage } from 'node:http';
import { expect, it } from 'vitest';
import { printed, refused } from './places.ts';
import { later, makeFolder } from './world.ts';

/** A registry with one manifest, which says what it is told to in its headers. */
async function startLimiting(headers: Readonly<Record<string, string>>) {
  const asked: (string | undefined)[] = [];
  const server = createServer(({ method, url }: IncomingMessage, answer) => {
    if (url?.includes('/manifests/') === true) asked.push(`${method} ${url}`);
    const status = url === '/v2/' || url?.endsWith('/manifests/latest') === true ? 200 : 404;
    answer.writeHead(status, { ...headers, 'content-type': 'application/vnd.oci.image.index.v1+json' }).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  later(async () => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  return { asked, image: `docker://127.0.0.1:${address.port}/app` };
}

it('ratelimit prints what a registry says of its limits, for one HEAD', async () => {
  const cwd = await makeFolder();
  const { asked, image } = await startLimiting({
    'ratelimit-limit': '100;w=21600',
    'ratelimit-remaining': '76;w=21600',
  });
  const ratelimit = (...argv: string[]) => printed(cwd, ['ratelimit', '--tls-verify=false', ...argv, image]);
  expect(JSON.parse(await ratelimit())).toEqual({
    Limit: 100,
    Remain: 76,
    Reset: 0,
    Set: true,
    Policies: ['100;w=21600'],
  });
  expect(asked).toEqual(['HEAD /v2/app/manifests/latest']);
  expect(await ratelimit('--format', '{{.Remain}} of {{.Limit}}{{range .Policies}} {{.}}{{end}}')).toBe(
    '76 of 100 100;w=21600\n',
  );
  expect(JSON.parse(await ratelimit('--format', 'json')).Remain).toBe(76);
});

it('ratelimit says where a registry says nothing, and what it cannot ask', async () => {
  const cwd = await makeFolder();
  const { image } = await startLimiting({});
  const argv = ['ratelimit', '--tls-verify=false'];
  expect(JSON.parse(await printed(cwd, [...argv, image]))).toMatchObject({ Set: false, Remain: 0 });
  expect(await refused(cwd, [...argv, `${image}:none`])).toMatch(/^Error: reading docker:.* answered 404/);
  expect(await refused(cwd, ['ratelimit', 'oci:x'])).toContain('ratelimit works with docker:// alone');
});
