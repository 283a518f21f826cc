// SPDX-License-Identifier: Apache-2.0
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { MediaType } from '@lading/image-spec';
import { expect, it } from 'vitest';
import { type Script, startScripted } from './scripted-server.ts';

const twoGib = 2 * 1024 ** 3;
const piece = Buffer.alloc(1024 * 1024);

/** Sends zeros as fast as they are taken: two GiB, or for as long as somebody reads. */
function flood(
  status: number,
  headers: Record<string, string | number>,
  bytes = Number.POSITIVE_INFINITY,
): Script {
  return (_, response) => {
    response.writeHead(status, headers);
    let sent = 0;
    const send = (): void => {
      while (sent < bytes && !response.destroyed) {
        sent += piece.length;
        if (!response.write(piece)) return void response.once('drain', send);
      }
      response.end();
    };
    send();
  };
}

/** 512 MiB, in parts: what this process has in memory counts for the processes that it starts. */
const bomb = Buffer.concat(Array<Buffer>(32).fill(gzipSync(Buffer.alloc(16 * 1024 * 1024))));

/** The highest memory of a process, in MiB, in which a client does this; and the reason that it ended with. */
async function peakOf(script: Script, work: string): Promise<{ peak: number; reason: unknown }> {
  await using server = await startScripted(script);
  const program = `
    import { createRegistryClient } from '@lading/registry-client';
    const retry = { attempts: 1 };
    await using client = createRegistryClient({ tlsVerify: false, retry });
    const { blobs, manifests } = client.repository(process.env.HOST + '/demo');
    const digest = 'sha256:' + '0'.repeat(64);
    const failure = await (async () => { ${work} })().then(() => undefined, (error) => error);
    const peak = process.resourceUsage().maxRSS / 1024;
    console.log(JSON.stringify({ peak, reason: failure?.reason ?? failure?.details?.status ?? String(failure) }));`;
  const args = ['--conditions=@lading/source', '--input-type=module', '-e', program];
  const options = { cwd: import.meta.dirname, env: { ...process.env, HOST: server.host } };
  const { stdout } = await promisify(execFile)(process.execPath, args, options);
  return JSON.parse(stdout);
}

const readAll = `for await (const _ of blobs.open({ digest, size: ${twoGib} })) continue;`;

it.each([
  ['two GiB of a blob pass', flood(200, { 'content-length': twoGib }, twoGib), readAll, 'DIGEST_MISMATCH'],
  ['a blob has no end', flood(200, {}), readAll, 'SIZE_MISMATCH'],
  [
    'a manifest has no end',
    flood(200, { 'content-type': MediaType.ImageManifest }),
    "await manifests.fetch('a');",
    'BODY_TOO_LARGE',
  ],
  ['an error has no end', flood(500, {}), "await manifests.fetch('a');", 500],
  [
    'a manifest is a bomb',
    (_: unknown, response: Parameters<Script>[1]) =>
      void response.writeHead(200, { 'content-encoding': 'gzip' }).end(bomb),
    "await manifests.fetch('a');",
    'BODY_TOO_LARGE',
  ],
])('memory stays below 400 MiB while %s', async (_, script, work, expected) => {
  const { peak, reason } = await peakOf(script, work);
  expect(reason).toBe(expected);
  expect(peak).toBeLessThan(400);
});
